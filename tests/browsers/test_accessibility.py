"""Every page: no violation of axe's rules in light and dark, on a screen and on a phone."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ltictl.callback.desk import Choice, Offer, Outcome, Result
from ltictl.callback.pages import Pages
from ltictl.errors import LtictlError
from ltictl.model.record import replace
from tests.support.accessibility import violations
from tests.support.answers import Answer
from tests.support.browser import page
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.visit import issued

from .conftest import Sites
from .lms import LmsPages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark on a phone": {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(params=LOOKS, ids=list(LOOKS))
def tab(chromium: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    with page(chromium, ignore_https_errors=True, **LOOKS[request.param]) as fresh:
        yield fresh


def assert_accessible(tab: "Page", selector: str) -> None:
    """Wait for this element; its page is whole and accessible."""
    tab.locator(selector).wait_for()
    assert violations(tab) == []
    wider = tab.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wider, f"{selector}: the page has to be scrolled sideways"


def serving(acme: Ltictl, *args: str) -> str:
    """``register`` for many, under way; the address of its page."""
    running = acme.start("register", "--allow-private", "--json", "--count", "9", *args)
    return str(running.next_event("listening")["address"])


def test_confirmation_and_results(
    acme: Ltictl, secure: LmsPages, playback: PlaybackPlatform, tab: "Page"
) -> None:
    acme("org", "add", "uni-bern", "--name", "Universität Bern")
    playback.on("registration", Answer.text("{}", 403), Answer.text("{}"), accepting())
    base = serving(acme, "--port", "0")

    tab.goto(secure.address(issued(acme, base)))
    assert_accessible(tab, "select#organization")
    tab.locator("#cancel").click()
    assert_accessible(tab, "#result[data-outcome=cancelled]")
    for slug, outcome in (("acme", "refused"), ("uni-bern", "failed"), ("acme", "registered")):
        fresh = LmsPages(secure.site, playback.url("configuration"), f"token-{outcome}")
        tab.goto(fresh.address(issued(acme, base, "--org", slug)))
        assert_accessible(tab, "#register")
        tab.locator("#register").click()
        assert_accessible(tab, f"#result[data-outcome={outcome}]")
    tab.goto(secure.address(issued(acme, base, "--org", "uni-bern")))
    assert_accessible(tab, "#result[data-outcome=failed]")  # its earlier attempt is not settled
    spent = issued(acme, base, "--org", "acme")
    tab.goto(secure.address(spent))
    assert_accessible(tab, "fieldset#earlier")
    tab.locator("input[name=replaces][value=acme-moodle]").check()
    tab.locator("#register").click()
    assert_accessible(tab, "#result[data-outcome=updated]")
    tab.goto(LmsPages(secure.site, playback.url("configuration"), "another").address(spent))
    assert_accessible(tab, "text=This registration link has been used")


def test_links_that_are_over(acme: Ltictl, secure: LmsPages, tab: "Page") -> None:
    base = serving(acme, "--port", "0")
    revoked = issued(acme, base, "--org", "acme")
    acme("invitation", "revoke", revoked.partition("?t=")[2].partition(".")[0])
    expired = issued(acme, base, "--org", "acme", "--expires", "1s")
    time.sleep(1)

    tab.goto(secure.address(revoked))
    assert_accessible(tab, "text=This registration link was revoked")
    tab.goto(secure.address(expired))
    assert_accessible(tab, "text=This registration link has expired")


FULL = Offer(
    tool="Example Tool",
    lms="Canvas",
    version="1",
    host="canvas.example",
    school="Faculty of Arts",
    hosts=("canvas.example", "sso.canvas.example"),
    registers_at="sso.canvas.example",
    services=("send grades to the gradebook",),
    data=("first name",),
    organization="Acme School",
    tool_hosts=("tool.example",),
    updates="acme-canvas",
    warnings=("The key set could not be read.",),
)
CHOICES = (Choice("acme", "Acme School"), Choice("bern", "Universität Bern"))
PAGES = Pages("/register", "'none'")
STATES = {
    "an update": PAGES.confirm(FULL, visit="v", state="s"),
    "a choice and a problem": PAGES.confirm(
        replace(FULL, organization="", organizations=CHOICES, updates=""),
        visit="v",
        state="s",
        chosen="acme",
        earlier=CHOICES,
        problem="No.",
    ),
    "nothing asked for": PAGES.confirm(
        replace(FULL, school="", services=(), data=(), updates="", warnings=()),
        visit="v",
        state="s",
    ),
    "again where the LMS decides": PAGES.confirm(
        replace(FULL, updates="", lms_decides=True), visit="v", state="s", earlier=CHOICES
    ),
    "closing by itself": PAGES.result(Result(Outcome.UPDATED, "What"), visit="v"),
    "not closable": PAGES.failure(LtictlError("x", "It failed", fix="Do this"), closable=False),
} | {
    outcome.value: PAGES.result(
        Result(outcome, "What", "Why", "Fix", ("One", "Two"), "acme-canvas", ("Mind",)), visit="v"
    )
    for outcome in Outcome
}


@pytest.mark.parametrize("state", list(STATES))
def test_every_state_that_the_pages_know(sites: Sites, tab: "Page", state: str) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    sites.secure.pages["/state"] = Answer(200, headers, bytes(STATES[state].body))

    tab.goto(f"{sites.secure.origin}/state")

    assert_accessible(tab, "h1")


def test_the_field_for_the_short_name_and_links_that_were_clicked(
    acme: Ltictl, secure: LmsPages, tab: "Page"
) -> None:
    base = serving(acme, "--port", "0", "--listen", "127.0.0.2")
    url = issued(acme, base)

    tab.goto(secure.address(url))
    assert_accessible(tab, "input#organization")
    tab.locator("#organization").fill("nowhere")
    tab.locator("#register").click()
    assert_accessible(tab, "[role=alert]")
    tab.goto(url)
    assert_accessible(tab, "#result[data-outcome=failed]")
    tab.set_content(f"<form method=post action='{base}'><button>x</button></form>")
    tab.locator("button").click()
    assert_accessible(tab, "#result[data-outcome=failed]")


def test_the_relay_page(
    acme: Ltictl, sites: Sites, playback: PlaybackPlatform, tab: "Page"
) -> None:
    html = acme("relay-page").stdout.encode()
    sites.tool.pages["/relay"] = Answer(200, {"Content-Type": "text/html"}, html)
    url = issued(acme, f"{sites.tool.origin}/relay")

    tab.goto(url)
    assert_accessible(tab, "#direct")
    tab.goto(LmsPages(sites.secure, playback.url("configuration")).address(url))
    assert_accessible(tab, "#block")
    tab.locator("#copy").click()
    assert_accessible(tab, "#copied")
    tab.locator("#here").click()
    assert_accessible(tab, "#opened")


def test_the_relay_page_where_something_is_missing(
    acme: Ltictl, profile: Path, sites: Sites, playback: PlaybackPlatform, tab: "Page"
) -> None:
    settings = profile / "profile.toml"
    contact = '[tool]\ncontacts = ["makers@tool.example"]\n'
    settings.write_text(settings.read_text().replace("[tool]\n", contact))
    html = acme("relay-page").stdout.encode()
    for site in (sites.tool, sites.plain):
        site.pages["/relay"] = Answer(200, {"Content-Type": "text/html"}, html)
    lms = LmsPages(sites.secure, playback.url("configuration"))
    tab.add_init_script("document.execCommand = () => false; window.open = () => null")

    tab.goto(lms.address(issued(acme, f"{sites.tool.origin}/relay")))
    assert_accessible(tab, "a[href^='mailto:makers']")
    tab.locator("#copy").click()
    assert_accessible(tab, "#not-copied")
    tab.locator("#here").click()
    assert_accessible(tab, "#blocked")
    tab.goto(lms.address(issued(acme, f"{sites.plain.origin}/relay")))
    assert_accessible(tab, "#insecure")
