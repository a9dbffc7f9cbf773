"""The page appears in the language that the browser asks for or the person chooses."""

from typing import TYPE_CHECKING

import pytest

from ltictl.callback.languages import LANGUAGES
from tests.support.accessibility import violations
from tests.support.browser import page
from tests.support.cli import Ltictl
from tests.support.page_looks import LOOKS, pages_in
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


# Letters outside of the window, or of a box that does not scroll.
CUT_OFF = """
[...document.querySelectorAll('main *')].filter(each => {
  const box = each.getBoundingClientRect();
  if (!each.innerText || !box.width) return false;
  const clips = getComputedStyle(each).overflowX !== 'visible' && each.tagName !== 'PRE';
  return box.left < -1 || box.right > innerWidth + 1
    || (clips && each.scrollWidth > each.clientWidth + 1)
    || (each.tagName === 'BUTTON' && each.scrollHeight > each.clientHeight + 1);
}).map(each => each.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("look", LOOKS)
def test_every_language_is_accessible_and_whole(chromium: "Browser", look: str) -> None:
    shown: list[str] = []
    with page(chromium, **LOOKS[look]) as tab:
        tab.route(
            "**/*",
            lambda route: route.fulfill(body=shown[-1], content_type="text/html; charset=utf-8"),
        )
        for tag in LANGUAGES:
            for name, html in pages_in(tag).items():
                shown.append(html)
                tab.goto("http://tool.invalid/page")

                assert tab.locator("html").get_attribute("lang") == tag
                assert tab.locator("html").get_attribute("dir") == ("rtl" if tag == "ar" else "ltr")
                assert tab.evaluate(CUT_OFF) == [], f"{tag}: {name}"
                assert not tab.evaluate("document.documentElement.scrollWidth > innerWidth"), tag
                assert violations(tab) == [], f"{tag}: {name}"


def test_letters_that_are_cut_off_are_found(chromium: "Browser") -> None:
    with page(chromium, viewport={"width": 320, "height": 640}) as tab:
        tab.set_content("<main><p style='width:3em;overflow:hidden'>Schulregister</p></main>")
        assert len(tab.evaluate(CUT_OFF)) == 1
        tab.set_content("<main><p style='margin-left:300px;width:9em'>Outside</p></main>")
        assert len(tab.evaluate(CUT_OFF)) == 1
        tab.set_content("<main><p>Inside</p></main>")
        assert tab.evaluate(CUT_OFF) == []
