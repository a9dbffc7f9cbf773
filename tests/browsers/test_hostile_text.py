"""485 naughty strings and our own appear as plain text in every place of the page.

The Content-Security-Policy is taken away first: escaping alone has to hold.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ltictl.callback.desk import Choice, Offer, Outcome, Result
from ltictl.callback.pages import Pages
from ltictl.relay.page import render_relay_page
from tests.support.answers import Answer
from tests.support.hostile_documents import naughty

from .conftest import Sites

if TYPE_CHECKING:
    from playwright.sync_api import Page

AT_ONCE = 35
PAGES = Pages("/register", "'none'")
AFTER_TWO_FRAMES = """() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
COUNT = """[...document.querySelectorAll('*')]
    .map(element => element.tagName + [...element.attributes].map(each => each.name)).join()"""


def batches() -> Iterator[tuple[str, ...]]:
    strings = tuple(text for text in naughty() if text)  # a page leaves out empty texts
    for start in range(0, len(strings), AT_ONCE):
        found = strings[start : start + AT_ONCE]
        yield (*found, *("filling",) * (AT_ONCE - len(found)))


def confirmation(strings: tuple[str, ...]) -> bytes:
    """Each string by itself in every list, all together in each single text."""
    every = " ".join(strings)
    choices = tuple(Choice(text, text) for text in strings)
    offer = _offer(strings, organization="", organizations=choices)
    page = PAGES.confirm(
        offer, visit="v", state="s", chosen="none of them", earlier=choices, problem=every
    )
    return bytes(page.body)


def typed(strings: tuple[str, ...]) -> bytes:
    """The field for the organization shows the typed text again."""
    every = " ".join(strings)
    offer = _offer(strings, organization="")
    page = PAGES.confirm(offer, visit="v", state="s", chosen=every, problem=every)
    return bytes(page.body)


def update(strings: tuple[str, ...]) -> bytes:
    every = " ".join(strings)
    offer = _offer(strings, organization=every, updates=every)
    return bytes(PAGES.confirm(offer, visit="v", state="s", chosen=every).body)


def _offer(
    strings: tuple[str, ...],
    *,
    organization: str,
    organizations: tuple[Choice, ...] = (),
    updates: str = "",
) -> Offer:
    every = " ".join(strings)
    return Offer(
        tool=every,
        lms=every,
        version=every,
        host=every,
        school=every,
        hosts=(every, *strings),
        registers_at=strings[0],
        services=strings,
        data=strings,
        organization=organization,
        organizations=organizations,
        tool_hosts=strings,
        updates=updates,
        warnings=strings,
    )


def result(strings: tuple[str, ...]) -> bytes:
    every = " ".join(strings)
    hostile = Result(Outcome.FAILED, every, every, every, strings, every, strings, every)
    return bytes(PAGES.result(hostile, visit="v").body)


def relay(strings: tuple[str, ...]) -> bytes:
    every = " ".join(strings)
    html = render_relay_page(tool=every, contact=every, key="AAAA", port=1)
    return html.encode("utf-8", "replace")


@pytest.fixture
def tab(tab: "Page") -> "Page":
    def assert_no_dialog(dialog: object) -> None:
        pytest.fail(f"a script ran: {dialog}")

    tab.on("dialog", assert_no_dialog)
    return tab


@pytest.mark.parametrize("render", [confirmation, typed, update, result, relay])
def test_nothing_but_text(tab: "Page", sites: Sites, render: object) -> None:
    assert callable(render)
    plain = shape(tab, sites, render(("plain",) * AT_ONCE))
    # Sentences that no catalogue has are folded paragraphs.
    parts = plain.split(",")
    assert parts.count("LI") + parts.count("P") >= (3 if render is relay else 2 * AT_ONCE)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    for strings in batches():
        assert shape(tab, sites, render(strings)) == plain
    assert {urlsplit(url).path for url in asked} == {"/hostile"}


def shape(tab: "Page", sites: Sites, html: bytes) -> str:
    """Every element and its attributes' names, in order, after scripts had their time."""
    headers = {"Content-Type": "text/html; charset=utf-8"}
    sites.private.pages["/hostile"] = Answer(200, headers, html)
    tab.goto(f"{sites.private.origin}/hostile")
    tab.evaluate(AFTER_TWO_FRAMES)  # the page measures itself when it has been drawn
    found = tab.evaluate(COUNT)
    assert isinstance(found, str)
    return found
