"""When a browser blocks the page, the terminal explains the silence, likeliest cause first."""

import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ltictl.operations.registration.listening_order import ListeningOrder
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.terminal import Terminal

from .conftest import ROOT, Sites
from .lms import LmsPages, Way

if TYPE_CHECKING:
    from playwright.sync_api import Page


def assert_frame_stays_empty(lms: LmsPages, tab: "Page", url: str, way: Way = "frame") -> None:
    lms.open(tab, url, way)
    tab.wait_for_timeout(500)
    assert tab.frames[-1].locator("#register").count() == 0


@pytest.mark.parametrize("way", ["frame", "redirect"])
def test_without_permission_nothing_arrives_and_the_terminal_says_allow(
    waiting: tuple[Terminal, str], secure: LmsPages, tab: "Page", way: Way
) -> None:
    terminal, url = waiting
    assert_frame_stays_empty(secure, tab, url, way)
    assert "Permissions requested" not in terminal.text

    screen = terminal.wait_for("press Allow")

    assert screen.index("another computer") < screen.index("press Allow") < screen.index("policy")
    for command in ("--public-url https://", "ltictl relay-page", "ltictl register --paste"):
        assert command in screen
    # The permission is given meanwhile, as the hint says.
    tab.context.grant_permissions(["local-network-access"], origin=secure.site.origin)
    secure.open(tab, url, way)
    tab.frames[-1].locator("#register").click()
    tab.frames[-1].locator("#result[data-outcome=registered]").wait_for()
    terminal.wait_for("Activate acme-moodle now?")
    terminal.send("n\r")
    assert terminal.wait(10) == 0


def test_a_public_lms_on_plain_http_cannot_even_be_allowed(
    waiting: tuple[Terminal, str], sites: Sites, playback: PlaybackPlatform, tab: "Page"
) -> None:
    terminal, url = waiting
    lms = LmsPages(sites.plain, playback.url("configuration"))
    with pytest.raises(Exception, match="can't be granted"):
        tab.context.grant_permissions(["local-network-access"], origin=lms.site.origin)
    assert_frame_stays_empty(lms, tab, url)

    assert "The LMS uses http" in terminal.wait_for("Safari")
    assert "Permissions requested" not in terminal.text


def test_behind_a_public_url_the_causes_are_others(acme: Ltictl) -> None:
    given = ("register", "--org", "acme", "--port", "0", "--public-url", "https://t.example/r")
    with Terminal(
        [sys.executable, "-m", "tests.support.impatient", "0.2", *given],
        env=acme.home.environment({"PYTHONPATH": str(ROOT)}),
        cwd=acme.home.path,
    ) as terminal:
        screen = terminal.wait_for("ltictl register --paste")

    assert "web server or tunnel" in screen
    assert re.search(r"pass it on to port \d+ of 127\.0\.0\.1\.", screen)
    assert "press Allow" not in screen
    assert "this computer:" not in screen


def test_twenty_seconds_unless_said_otherwise() -> None:
    defaults = {"host": "", "port": 0, "public_url": "", "organization": None}
    wanted = ListeningOrder(**defaults, timeout=timedelta(1), count=1)  # type: ignore[arg-type]

    assert wanted.silence == timedelta(seconds=20)
