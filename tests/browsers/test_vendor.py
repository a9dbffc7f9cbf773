"""The page names the makers and shows their logo; the browser asks no other host for anything."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.answers import Answer
from tests.support.browser import page
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.png import png
from tests.support.site import Site
from tests.support.visit import Admin, listening

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VENDOR = """[tool]
logo_uri = "{site}/logo.png"
contacts = ["Support of the tool", "help@tool.example"]
policy_uri = "{site}/privacy"
tos_uri = "{site}/terms"
"""


def describe_makers(profile: Path, site: str) -> None:
    settings = profile / "profile.toml"
    settings.write_text(settings.read_text().replace("[tool]\n", VENDOR.format(site=site)))


def test_the_makers_are_named_and_the_logo_is_data(
    acme: Ltictl, profile: Path, playback: PlaybackPlatform, chromium: "Browser"
) -> None:
    with Site("127.0.0.1") as site:
        site.pages["/logo.png"] = Answer(200, {"Content-Type": "text/plain"}, png(32, 32))
        describe_makers(profile, site.origin)
        _, url = listening(acme, "--forever")
        shown = 0
        with page(chromium) as tab:
            asked: list[str] = []
            tab.on("request", lambda request: asked.append(request.url))
            for number in range(20):  # the page does not wait for it; each visit looks again
                admin = Admin(playback.url("configuration"), f"token-{number}")
                tab.goto(admin.address(url))
                shown = tab.evaluate("document.querySelector('#logo')?.naturalWidth ?? 0")
                if shown:
                    break
                time.sleep(0.1)
            card = tab.locator("#vendor")

            assert shown == 32
            assert card.get_by_role("link", name="help@tool.example").count() == 1
            for name, path in (("Privacy policy", "/privacy"), ("Terms of use", "/terms")):
                link = card.get_by_role("link", name=name)
                assert link.get_attribute("href") == site.origin + path
            assert "This link is valid until" in card.inner_text()
            elsewhere = [e for e in asked if not e.startswith((url.split("/register")[0], "data:"))]
            assert elsewhere == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer.text("gone", 404),
        Answer.text("<svg onload='alert(1)'/>", 200, "image/svg+xml"),
        Answer.redirect("http://127.0.0.1:1/logo.png"),
    ],
)
def test_a_logo_that_cannot_be_had_is_left_out(
    acme: Ltictl, profile: Path, playback: PlaybackPlatform, answer: Answer
) -> None:
    with Site("127.0.0.1") as site:
        site.pages["/logo.png"] = answer
        describe_makers(profile, site.origin)
        _, url = listening(acme, "--forever")

        opened = Admin(playback.url("configuration")).open(url)
        checks = acme("doctor", "--allow-private", "--json").data["checks"]

    assert opened.status_code == 200
    assert 'id="logo"' not in opened.text
    assert "help@tool.example" in opened.text
    assert [each["result"] for each in checks if each["id"] == "logo"] == ["warn"]
