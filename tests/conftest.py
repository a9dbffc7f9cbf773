"""Fixtures for every test; they start ltictl only as a process."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.browser import browser, page
from tests.support.cli import Home, Ltictl, make_home
from tests.support.playback import PlaybackPlatform
from tests.support.ready_profile import acme, admin, profile, profile_template

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# An example's time says how busy the machine is; figures belong to tests/bench.
settings.register_profile("ltictl", settings(), deadline=None)
settings.load_profile("ltictl")

__all__ = ["acme", "admin", "profile", "profile_template"]


def pytest_configure() -> None:
    """Let the processes of the tests be interrupted, and get a hang-up when their terminal is gone.

    A shell has what it starts in the background ignore SIGINT, nohup has it ignore SIGHUP, and
    every process inherits that.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder and the environment that leads there."""
    return make_home(tmp_path / "home")


@pytest.fixture
def ltictl(home: Home) -> Iterator[Ltictl]:
    """Runs ltictl in ``home``; what still runs at the end of the test is ended."""
    with Ltictl(home) as runner:
        yield runner


@pytest.fixture
def playback() -> Iterator[PlaybackPlatform]:
    """A platform on plain http that accepts every registration; see ``on`` for other answers."""
    with PlaybackPlatform() as platform:
        yield platform


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """One browser for all tests of a module."""
    with browser() as started:
        yield started


@pytest.fixture
def chromium_page(chromium: "Browser") -> Iterator["Page"]:
    """A page without cookies or history."""
    with page(chromium) as fresh:
        yield fresh
