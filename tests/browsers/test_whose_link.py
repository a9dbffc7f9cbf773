"""Two organizations in a real browser: the choice, a wrong link, a page that a program opens."""

from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Running
from tests.support.visit import Admin, issued, listening

from .conftest import GRANTED
from .lms import LmsPages

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page


@pytest.fixture
def two(acme: Ltictl) -> Ltictl:
    acme("org", "add", "beta", "--name", "Beta School")
    return acme


def open_frame(page: "Page", lms: LmsPages, url: str) -> "FrameLocator":
    page.context.grant_permissions([GRANTED], origin=lms.site.origin)
    lms.open(page, url, "frame")
    return page.frame_locator("iframe")


def started(two: Ltictl) -> tuple[Running, str]:
    """A run that takes every organization's links, and a link that leaves the choice open."""
    running, _ = listening(two, "--forever", org="")
    base = running.output("stderr").split('"address": "')[1].partition('"')[0]
    return running, issued(two, f"{base}?")


def test_nothing_goes_out_before_an_organization_is_chosen(
    two: Ltictl, secure: LmsPages, tab: "Page", playback: PlaybackPlatform, tmp_path: Path
) -> None:
    _, url = started(two)
    tool = open_frame(tab, secure, url)
    choice = tool.locator("#organization")
    assert choice.evaluate("each => each.selectedOptions[0].textContent") == "Choose…"

    tool.locator("#register").click()  # the browser itself keeps the form

    tab.wait_for_timeout(300)
    tab.screenshot(path=tmp_path / "choose.png", full_page=True)
    assert tool.locator("#result").count() == 0
    assert playback.requests_to("registration") == []
    choice.select_option("beta")
    tool.locator("#register").click()
    tool.locator("#result[data-outcome=registered]").wait_for()
    (found,) = two("list", "--json").data["integrations"]
    assert found["organization"] == "beta"


def test_a_link_of_another_organization_is_readable_in_the_lms(
    two: Ltictl, secure: LmsPages, tab: "Page", tmp_path: Path
) -> None:
    running, url = listening(two)
    tool = open_frame(tab, secure, issued(two, url, "--org", "beta"))

    tool.locator("#result[data-outcome=failed]").wait_for()

    tab.screenshot(path=tmp_path / "wrong.png", full_page=True)
    shown = tool.locator("body").inner_text()
    assert "cannot be used here" in shown
    assert "Please contact the person who sent you the link." in shown
    assert "beta" not in shown.lower()
    assert running.next_event("link_refused")["organization"] == "beta"


def test_the_terminal_names_a_page_that_a_program_fetches(
    two: Ltictl, admin: Admin, secure: LmsPages, tab: "Page"
) -> None:
    terminal = two.terminal("register", "--org", "acme", "--port", "0", "--allow-private")
    terminal.wait_for("only in a browser")
    url = next(each for each in terminal.text.split() if each.startswith("http://127.0.0.1"))

    httpx.get(admin.address(url), headers={"User-Agent": "node"}, trust_env=False, timeout=20)

    screen = terminal.wait_for("--paste")
    assert "A program fetched the page (node)" in screen
    before = screen.count("A program fetched")
    open_frame(tab, secure, url).locator("#register").wait_for()
    assert terminal.text.count("A program fetched") == before
