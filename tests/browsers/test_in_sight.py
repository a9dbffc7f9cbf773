"""The buttons are in sight in each frame and window that administrators really have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ltictl.callback.desk import Offer, Outcome, Result, Vendor
from ltictl.callback.languages import speaking
from ltictl.callback.pages import Pages
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, SCOPE_MEANING
from tests.support.answers import Answer
from tests.support.browser import page
from tests.support.firefox import Firefox

from .conftest import Sites

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WINDOW = 900
ABOVE = 355  # Moodle 4.5: the frame is 800 px high and begins here
FRAME = 800
LONGEST = Offer(
    tool="A tool with rather a long name",
    lms="Moodle",
    version="4.5.2 (Build: 20250210)",
    host="moodle.faculty-of-arts.university.example",
    school="Faculty of Arts and Humanities",
    hosts=("moodle.faculty-of-arts.university.example", "api.example"),
    registers_at="moodle.faculty-of-arts.university.example",
    tool_hosts=("tool.example",),
    services=tuple(SCOPE_MEANING.values()),
    messages=tuple(MESSAGE_MEANING.values()),
    data=tuple(CLAIM_MEANING.values()),
    organization="Faculty of Arts",
    warnings=("The LMS calls its configuration text/html.",),
    vendor=Vendor(
        "",
        "https://tool.example",
        "help@tool.example",
        "https://tool.example/p",
        "https://t.example",
    ),
    valid_until="2026-12-24 12:00 UTC",
)
PAGES = Pages("/register", "https:")
HTML = {"Content-Type": "text/html; charset=utf-8"}


def serve_page(sites: Sites, language: str) -> str:
    """The page on the tool's own site; its address."""
    with speaking(language):
        body = bytes(PAGES.confirm(LONGEST, visit="v", state="s").body)
    sites.tool.pages["/page"] = Answer(200, HTML, body)
    return f"{sites.tool.origin}/page"


def frame_page(sites: Sites, language: str) -> str:
    """A page of an LMS with the page in Moodle's frame; its address."""
    return sites.secure.page(
        "/moodle",
        f"<!doctype html><title>LMS</title><body style='margin:0'><div style='height:{ABOVE}px'>"
        f"</div><iframe title='Tool' style='width:100%;height:{FRAME}px;border:0' "
        f"src='{serve_page(sites, language)}'></iframe>",
    )


# Where the button is in the window of the page that holds it, once it has settled.
BOTTOM = "Math.round(document.querySelector('#register').getBoundingClientRect().bottom)"
SETTLED = f"innerHeight === {FRAME} && {BOTTOM} <= {WINDOW - ABOVE}"


@pytest.mark.parametrize("language", ["en", "de", "ar", "ja"])
def test_in_moodles_frame_in_chromium(sites: Sites, chromium: "Browser", language: str) -> None:
    size = {"width": 1280, "height": WINDOW}
    with page(chromium, ignore_https_errors=True, viewport=size) as tab:
        tab.goto(frame_page(sites, language))

        tab.frames[-1].wait_for_function(SETTLED)

        tab.mouse.wheel(0, ABOVE)  # the whole frame is in the window then
        tab.frames[-1].wait_for_function(f"{BOTTOM} > {WINDOW - ABOVE}")
        assert tab.frames[-1].evaluate(BOTTOM) > WINDOW - ABOVE


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    names = {"network.dns.localDomains": "lms.example,tool.example"}
    with Firefox(tmp_path_factory.mktemp("ff"), names) as started:
        yield started


def test_in_moodles_frame_in_firefox(sites: Sites, firefox: Firefox) -> None:
    # Its viewport can be emulated, but what it tells a frame of its part in sight cannot.
    tab = firefox.new_page()
    tab.goto(frame_page(sites, "de"))
    (frame,) = tab.frames()
    part = tab.evaluate("innerHeight") - ABOVE
    assert part <= WINDOW - ABOVE + 10

    assert frame.wait_for(f"innerHeight === {FRAME} && {BOTTOM} <= {part}")


def test_in_a_low_window_in_firefox(sites: Sites, firefox: Firefox) -> None:
    tab = firefox.new_page()
    size = {"width": 900, "height": 540}
    firefox.call("browsingContext.setViewport", context=tab.id, viewport=size)
    tab.goto(serve_page(sites, "de"))

    assert tab.wait_for(f"innerHeight === 540 && {BOTTOM} <= 540")


@pytest.mark.parametrize(
    ("width", "height"), [(900, 540), (360, 640), (320, 568)], ids=["a low frame", "a phone", "SE"]
)
def test_in_low_windows(sites: Sites, chromium: "Browser", width: int, height: int) -> None:
    size = {"width": width, "height": height}
    with page(chromium, ignore_https_errors=True, viewport=size) as tab:
        for language in ("en", "de", "ar"):
            tab.goto(serve_page(sites, language))

            assert 0 < tab.evaluate(BOTTOM) <= height, language


def test_a_frame_is_light_and_a_tab_of_its_own_is_as_the_person_wants(
    sites: Sites, chromium: "Browser"
) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    with page(chromium, ignore_https_errors=True, color_scheme="dark") as tab:
        tab.goto(frame_page(sites, "en"))
        in_frame = tab.frames[-1].evaluate(colour)
        tab.goto(serve_page(sites, "en"))

        assert (in_frame, tab.evaluate(colour)) == ("rgb(243, 245, 248)", "rgb(17, 21, 27)")


def test_the_reference_is_copied(sites: Sites, chromium: "Browser") -> None:
    done = Result(Outcome.REGISTERED, "Done", integration="acme-moodle", steps=("One",))
    sites.tool.pages["/result"] = Answer(200, HTML, bytes(PAGES.result(done, visit="v").body))
    with page(chromium, ignore_https_errors=True) as tab:
        tab.context.grant_permissions(["clipboard-read"])
        tab.goto(f"{sites.tool.origin}/result")
        tab.locator("#copy").click()

        assert tab.locator("#copied").inner_text() == "Copied."
        assert tab.evaluate("navigator.clipboard.readText()") == "acme-moodle"
        assert tab.locator("#countdown").count() == 0  # steps are left: it waits for the person
