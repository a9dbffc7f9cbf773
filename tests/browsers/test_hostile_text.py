"""485 naughty strings and our own in every place that is shown: text in the page, and nothing else.

The Content-Security-Policy is taken away first: escaping alone has to hold.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ltictl.callback.desk import Choice, Offer, Outcome, Result
from ltictl.callback.pages import Pages
from ltictl.callback.relay_page import render_relay_page
from tests.security.hostile_documents import naughty
from tests.support.answers import Answer

from .conftest import Sites

if TYPE_CHECKING:
    from playwright.sync_api import Page

AT_ONCE = 35
PAGES = Pages("/register", "'none'")
COUNT = """[...document.querySelectorAll('*')]
    .map(element => element.tagName + [...element.attributes].map(each => each.name)).join()"""


def batches() -> Iterator[tuple[str, ...]]:
    strings = tuple(text for text in naughty() if text)  # what is empty is left out of a page
    for start in range(0, len(strings), AT_ONCE):
        found = strings[start : start + AT_ONCE]
        yield (*found, *("filling",) * (AT_ONCE - len(found)))


def confirmation(strings: tuple[str, ...]) -> bytes:
    one = iter(strings * 2)
    choices = tuple(Choice(text, text) for text in strings)
    offer = Offer(
        tool=next(one),
        lms=next(one),
        version=next(one),
        host=next(one),
        school=next(one),
        hosts=strings,
        services=strings,
        data=strings,
        organization="",
        organizations=choices,
        warnings=strings,
    )
    page = PAGES.confirm(
        offer, visit="v", state="s", chosen="none of them", earlier=choices, problem=next(one)
    )
    return bytes(page.body)


def result(strings: tuple[str, ...]) -> bytes:
    one = iter(strings)
    told = Result(Outcome.FAILED, next(one), next(one), next(one), strings, next(one), strings)
    return bytes(PAGES.result(told, visit="v").body)


def relay(strings: tuple[str, ...]) -> bytes:
    html = render_relay_page(tool=strings[0], contact=strings[1], key="AAAA", port=1)
    return html.encode("utf-8", "replace")


@pytest.fixture
def tab(tab: "Page") -> "Page":
    def complain(dialog: object) -> None:
        pytest.fail(f"a script ran: {dialog}")

    tab.on("dialog", complain)
    return tab


@pytest.mark.parametrize("render", [confirmation, result])
def test_nothing_but_text(tab: "Page", sites: Sites, render: object) -> None:
    assert callable(render)
    plain = shape(tab, sites, render(("plain",) * AT_ONCE))
    assert plain.count("LI") >= 2 * AT_ONCE
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    for strings in batches():
        assert shape(tab, sites, render(strings)) == plain
    assert {urlsplit(url).path for url in asked} == {"/hostile"}


def test_the_relay_page_too(tab: "Page", sites: Sites) -> None:
    plain = shape(tab, sites, relay(("plain", "plain")))
    strings = naughty()
    for pair in zip(strings[::12], strings[1::12], strict=False):
        if "" not in pair:
            assert shape(tab, sites, relay(pair)) == plain


def shape(tab: "Page", sites: Sites, html: bytes) -> str:
    """Every element and its attributes' names, in order, after scripts had their time."""
    headers = {"Content-Type": "text/html; charset=utf-8"}
    sites.private.pages["/hostile"] = Answer(200, headers, html)
    tab.goto(f"{sites.private.origin}/hostile")
    found = tab.evaluate(COUNT)
    assert isinstance(found, str)
    return found
