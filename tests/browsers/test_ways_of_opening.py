"""Each way of opening the page, in each browser setting, ends as it should."""

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import listening

from .conftest import GRANTED, Sites
from .lms import WAYS, LmsPages, Way, heard, tool_page, wait_for_close

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOP_LEVEL = ("tab", "window")


@pytest.mark.parametrize("way", WAYS)
def test_with_permission_every_way_registers(
    acme: Ltictl, secure: LmsPages, tab: "Page", way: Way
) -> None:
    running, url = listening(acme)
    tab.context.grant_permissions([GRANTED], origin=secure.site.origin)

    assert_registers(secure, tab, url, way)

    done = running.wait(10)
    assert done.data["integrations"][0]["id"] == "acme-moodle"


@pytest.mark.parametrize("way", TOP_LEVEL)
def test_a_tab_or_window_needs_no_permission(
    acme: Ltictl, secure: LmsPages, tab: "Page", way: Way
) -> None:
    running, url = listening(acme)

    assert_registers(secure, tab, url, way)

    assert running.wait(10).code == 0


def assert_registers(lms: LmsPages, page: "Page", url: str, way: Way) -> None:
    """Open, press Register, press Done; the LMS hears it, except from a tab without opener."""
    lms.open(page, url, way)
    tool = tool_page(page, way)
    tool.locator("#register").click()
    tool.locator("#result[data-outcome=registered]").wait_for()
    assert heard(page) == []
    tool.locator("#done").click()
    if way == "tab":
        assert "you can close it" in tool.inner_text("main")
        assert heard(page) == []
    else:
        assert wait_for_close(page) == url.partition("/register")[0]


def test_an_lms_on_a_private_address_needs_no_permission(
    acme: Ltictl, sites: Sites, playback: PlaybackPlatform, tab: "Page"
) -> None:
    running, url = listening(acme)

    assert_registers(LmsPages(sites.private, playback.url("configuration")), tab, url, "frame")

    assert running.wait(10).code == 0


def test_the_window_stays_open_while_steps_are_left(
    acme: Ltictl, sites: Sites, playback: PlaybackPlatform, tab: "Page"
) -> None:
    _, url = listening(acme)
    tab.clock.install()
    LmsPages(sites.private, playback.url("configuration")).open(tab, url, "frame")
    tool = tool_page(tab, "frame")
    tool.locator("#register").click()
    tool.locator("#result ol").wait_for()

    tab.clock.run_for(600_000)

    assert tool.locator("#countdown").count() == 0
    assert heard(tab) == []


@pytest.mark.parametrize(
    ("allowed", "shown"),
    [((), False), (("--allow-http", "lms.example"), True), (("--allow-private",), True)],
    ids=["nothing", "its name", "private ones"],
)
def test_an_lms_on_plain_http_frames_the_page_as_the_options_allow(
    acme: Ltictl,
    sites: Sites,
    playback: PlaybackPlatform,
    tab: "Page",
    allowed: tuple[str, ...],
    shown: bool,
) -> None:
    running = acme.start("register", "--org", "acme", "--port", "0", "--json", *allowed)
    url = str(running.next_event("listening")["url"])
    blocked: list[str] = []
    tab.on("console", lambda message: blocked.append(message.text))

    LmsPages(sites.plain_private, playback.url("configuration")).open(tab, url, "frame")

    if shown:
        tool_page(tab, "frame").locator("#register, #result").first.wait_for()
        assert not any("frame-ancestors" in message for message in blocked), blocked
    else:
        running.next_event("failed")
        tab.wait_for_function("true", polling=100)
        assert tab.frames[-1].locator("#register, #result").count() == 0
        assert any("frame-ancestors" in message for message in blocked), blocked


def test_without_javascript_all_but_closing_works(
    acme: Ltictl, secure: LmsPages, chromium: object
) -> None:
    from tests.support.browser import page

    running, url = listening(acme)
    with page(chromium, java_script_enabled=False) as plain:  # type: ignore[arg-type]
        plain.goto(secure.address(url))
        plain.locator("#register").press("Enter")
        plain.locator("#result[data-outcome=registered]").wait_for()
        assert "Activate" in plain.inner_text("#result ol")

    assert running.wait(10).code == 0


def test_the_token_does_not_stay_in_the_address_bar(
    acme: Ltictl, secure: LmsPages, tab: "Page"
) -> None:
    _, url = listening(acme)
    tab.goto(secure.address(url))
    tab.locator("#register").wait_for()

    assert "the-token" not in tab.url
    tab.reload()
    tab.locator("#register").click()
    tab.locator("#result[data-outcome=registered]").wait_for()
    assert "the-token" not in tab.url
