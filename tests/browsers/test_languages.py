"""The page appears in the language that the browser asks for or the person chooses."""

from typing import TYPE_CHECKING

import pytest

from ltictl.callback.languages import LANGUAGES, speaking
from ltictl.callback.texts import text
from tests.support.accessibility import violations
from tests.support.browser import page
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.visit import Admin, issued

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def address(acme: Ltictl, playback: PlaybackPlatform) -> str:
    """The address at which an LMS opens the page of an organization that has not registered yet."""
    playback.on("registration", accepting())
    running = acme.start("register", "--allow-private", "--json", "--count", "9", "--port", "0")
    base = str(running.next_event("listening")["address"])
    return Admin(playback.url("configuration")).address(issued(acme, base, "--org", "acme"))


def test_result_is_in_the_language_of_the_page(address: str, chromium: "Browser") -> None:
    with page(chromium, locale="de-CH") as tab:
        tab.goto(address)
        tab.get_by_role("button", name="Registrieren").click()
        tab.locator("#result[data-outcome=registered]").wait_for()

        assert tab.locator("h1").inner_text() == "Registriert"
        assert "ist jetzt mit" in tab.locator("#result").inner_text()


def test_a_person_chooses_another_language(address: str, chromium: "Browser") -> None:
    with page(chromium, locale="de-DE") as tab:
        tab.goto(address)
        tab.get_by_role("link", name="Français").click()
        tab.get_by_role("button", name="Enregistrer").wait_for()
        tab.reload()
        tab.get_by_role("button", name="Annuler").click()

        assert tab.locator("h1").inner_text() == "Annulé"


def test_every_language_on_a_phone(address: str, chromium: "Browser") -> None:
    with page(chromium, viewport={"width": 320, "height": 640}) as tab:
        tab.goto(address)
        for tag, name in LANGUAGES.items():
            tab.get_by_role("link", name=name, exact=True).click()
            with speaking(tag):
                tab.get_by_role("button", name=text("register"), exact=True).wait_for()
            assert tab.locator("html").get_attribute("lang") == tag
            assert not tab.evaluate("document.documentElement.scrollWidth > innerWidth"), tag
            assert violations(tab) == [], tag
