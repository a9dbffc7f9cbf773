"""The main job in a real browser: the LMS's page, the frame, the buttons, a phone."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ltictl.sandbox.server import Sandbox
from tests.support.answers import Answer
from tests.support.browser import page as new_page
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Running
from tests.support.visit import Admin, issued, listening

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def run(acme: Ltictl) -> tuple[Running, str]:
    return listening(acme)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chosen = os.environ.get("LTICTL_TEST_PICTURES")
    return Path(chosen) if chosen else tmp_path_factory.mktemp("pictures")


def paste(page: "Page", lms: Sandbox, url: str) -> "FrameLocator":
    page.goto(lms.admin_url)
    page.fill("#tool-url", url)
    page.click("#add-lti-advantage")
    return page.frame_locator("#registration-frame")


def overflow(page: "Page") -> int:
    """By how many pixels the page is wider than its window."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert isinstance(width, int)
    return width


def test_from_the_pasted_url_to_an_active_tool(
    acme: Ltictl, lms: Sandbox, run: tuple[Running, str], chromium_page: "Page", pictures: Path
) -> None:
    running, url = run
    problems: list[str] = []
    chromium_page.on("console", lambda said: problems.append(f"{said.text} {said.location['url']}"))
    chromium_page.on("pageerror", lambda error: problems.append(str(error)))
    frame = paste(chromium_page, lms, url)
    frame.locator("#register").wait_for()
    words = frame.locator("main").inner_text()
    host = lms.base_url.removeprefix("http://")
    for expected in ("Example Tool", "Moodle", host, "Acme School", "send grades", "e-mail"):
        assert expected in words
    chromium_page.screenshot(path=pictures / "confirm.png", full_page=True)

    frame.locator("#register").click()

    frame.locator("#result[data-outcome=registered]").wait_for()
    assert "Manage tools" in frame.locator("#result").inner_text()
    chromium_page.screenshot(path=pictures / "result.png", full_page=True)
    frame.locator("#done").click()
    chromium_page.locator(".tool-card[data-state=pending]").wait_for()
    assert chromium_page.locator("#registration-frame").count() == 0
    chromium_page.click(".activate")
    chromium_page.locator(".tool-card[data-state=active]").wait_for()
    assert running.wait(10).code == 0
    assert (
        acme("list", "--json").data["integrations"][0]["client_id"] == lms.lms.tools()[0].client_id
    )
    assert [each for each in problems if not each.endswith("/favicon.ico")] == []


def test_cancel_registers_nothing(
    lms: Sandbox, run: tuple[Running, str], chromium_page: "Page"
) -> None:
    frame = paste(chromium_page, lms, run[1])

    frame.locator("#cancel").click()

    frame.locator("#result[data-outcome=cancelled]").wait_for()
    chromium_page.wait_for_timeout(300)
    assert chromium_page.locator("#registration-frame").count() == 1
    frame.locator("#done").click()
    chromium_page.locator("#tool-list").wait_for()
    assert lms.lms.tools() == ()


def test_the_keyboard_is_enough(
    lms: Sandbox, run: tuple[Running, str], chromium_page: "Page"
) -> None:
    frame = paste(chromium_page, lms, run[1])
    frame.locator("#register").focus()

    chromium_page.keyboard.press("Enter")

    frame.locator("#result").wait_for()
    assert frame.locator("#result").get_attribute("data-outcome") == "registered"


def test_an_invitation_for_any_organization_lets_choose(
    acme: Ltictl, lms: Sandbox, chromium_page: "Page"
) -> None:
    acme("org", "add", "uni-bern")
    running, _ = listening(acme, org="")
    base = running.output("stderr").split('"address": "')[1].partition('"')[0]
    frame = paste(chromium_page, lms, issued(acme, f"{base}?"))

    frame.locator("#organization").select_option("uni-bern")
    frame.locator("#register").click()

    frame.locator("#result[data-outcome=registered]").wait_for()
    assert running.wait(10).data["integrations"][0]["organization"] == "uni-bern"


def test_a_refusal_stays_until_it_was_read(
    acme: Ltictl, playback: PlaybackPlatform, chromium_page: "Page", pictures: Path
) -> None:
    playback.on("registration", Answer.of("03-registration-token/absent"))
    _, url = listening(acme)
    chromium_page.goto(Admin(playback.url("configuration")).address(url))

    chromium_page.click("#register")

    chromium_page.locator("#result[data-outcome=refused]").wait_for()
    assert "missing_registration_token" in chromium_page.locator("#result").inner_text()
    chromium_page.screenshot(path=pictures / "failure.png", full_page=True)
    chromium_page.wait_for_timeout(5300)
    assert chromium_page.is_visible("#result")


def test_secrets_leave_the_address_and_a_reload_comes_back(
    acme: Ltictl, playback: PlaybackPlatform, chromium_page: "Page"
) -> None:
    running, url = listening(acme, "--forever")
    chromium_page.goto(Admin(playback.url("configuration"), "CANARY").address(url))
    chromium_page.locator("#register").wait_for()
    assert re.search(r"/register\?v=[\w-]+$", chromium_page.url)

    chromium_page.reload()
    chromium_page.click("#register")
    chromium_page.locator("#result[data-outcome=registered]").wait_for()
    chromium_page.reload()

    assert chromium_page.locator("#result").get_attribute("data-outcome") == "registered"
    assert len(playback.requests_to("configuration")) == 1
    assert len(playback.requests_to("registration")) == 1
    running.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_scrolling_to_the_side(
    acme: Ltictl, playback: PlaybackPlatform, chromium: "Browser", pictures: Path, scheme: str
) -> None:
    long = "An-organization-with-a-very-long-name-without-any-blank-in-it-at-all-" * 3
    acme("org", "add", "long", "--name", long)
    playback.configuration["https://purl.imsglobal.org/spec/lti-platform-configuration"][
        "version"
    ] = "4.5dev-" + "x" * 120
    _, url = listening(acme, org="long")
    with new_page(chromium, viewport=PHONE, color_scheme=scheme) as phone:
        phone.goto(Admin(playback.url("configuration")).address(url))
        phone.locator("#register").wait_for()
        phone.screenshot(path=pictures / f"phone-{scheme}.png", full_page=True)
        assert overflow(phone) <= 0

        phone.click("#register")
        phone.locator("#result").wait_for()
        phone.screenshot(path=pictures / f"phone-result-{scheme}.png", full_page=True)
        assert overflow(phone) <= 0


def test_long_words_of_the_lms_need_no_scrolling_either(
    acme: Ltictl, playback: PlaybackPlatform, chromium: "Browser"
) -> None:
    playback.on("registration", Answer.text("x" * 280, 400))
    _, url = listening(acme)
    with new_page(chromium, viewport=PHONE) as phone:
        phone.goto(Admin(playback.url("configuration")).address(url))
        phone.click("#register")
        phone.locator("#result[data-outcome=refused]").wait_for()

        assert overflow(phone) <= 0


def test_it_works_without_javascript(
    acme: Ltictl, playback: PlaybackPlatform, chromium: "Browser"
) -> None:
    running, url = listening(acme)
    with new_page(chromium, java_script_enabled=False) as plain:
        plain.goto(Admin(playback.url("configuration")).address(url))
        plain.click("#register")
        plain.locator("#result[data-outcome=registered]").wait_for()

    assert running.wait(10).code == 0
