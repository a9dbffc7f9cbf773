"""A key set with a private host name, and a Moodle with a host name on http."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Running
from tests.support.terminal import Terminal
from tests.support.visit import Admin, words

from .conftest import ROOT, Sites
from .lms import LmsPages, tool_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

GIVEN = ("register", "--org", "acme", "--port", "0")
WARNING = "a private address (tool.invalid is 10.20.30.40)"


def program(name: str, *args: str) -> list[str]:
    return [sys.executable, "-m", "tests.support.named", name, *GIVEN, *args]


@pytest.fixture
def started(acme: Ltictl) -> Iterator[Callable[..., Running]]:
    """``register --json`` on a computer that knows a name more."""
    with ExitStack() as stack:

        def start(name: str, *args: str) -> Running:
            running = Running(
                program(name, "--json", *args),
                env=acme.home.environment({"PYTHONPATH": str(ROOT)}),
                cwd=acme.home.path,
            )
            stack.callback(running.close)
            return running

        yield start


def test_a_warning_about_a_private_key_set_comes_before_the_url(acme: Ltictl) -> None:
    env = acme.home.environment({"PYTHONPATH": str(ROOT)})
    with Terminal(program("tool.invalid=10.20.30.40"), env=env, cwd=acme.home.path) as terminal:
        screen = terminal.wait_for("?t=")

    place = "".join(screen.split()).find("".join(WARNING.split()))
    assert 0 <= place < "".join(screen.split()).find("?t=")


def test_it_is_for_the_operator_and_not_on_the_page(
    started: Callable[..., Running], admin: Admin
) -> None:
    running = started("tool.invalid=10.20.30.40", "--allow-private")
    listening = running.next_event("listening")

    page = admin.open(str(listening["url"]))

    assert WARNING in " ".join(listening["warnings"])
    assert "private" not in words(page)
    admin.press(page)
    done = running.wait(30)
    assert done.code == 0
    assert WARNING in " ".join(done.json["warnings"])


@pytest.mark.parametrize(
    "allowed", [("--allow-http", "lms.example"), ("--allow-private",)], ids=["name", "private"]
)
def test_a_moodle_under_a_name_on_plain_http(
    started: Callable[..., Running],
    sites: Sites,
    tab: "Page",
    profile: Path,
    allowed: tuple[str, ...],
) -> None:
    """From its own page to the stored integration, under a name that only the policy lets in."""
    with PlaybackPlatform(host="lms.example") as moodle:
        running = started("lms.example=127.0.0.1", *allowed)
        url = str(running.next_event("listening")["url"])

        LmsPages(sites.plain_private, moodle.url("configuration")).open(tab, url, "frame")
        tool = tool_page(tab, "frame")
        tool.locator("#register").click()
        tool.locator("#result[data-outcome=registered]").wait_for()

        assert running.wait(20).code == 0
    stored = (profile / "integrations" / "acme-moodle.toml").read_text()
    assert f'issuer = "{moodle.base_url}"' in stored
