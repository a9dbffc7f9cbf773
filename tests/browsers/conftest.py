"""LMSs on public addresses (https and http) and on private ones, and a browser that sees them.

All are on loopback; ``--ip-address-space-overrides`` makes some of them public to Chromium.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import browser, page
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.proxies import free_port
from tests.support.site import Site
from tests.support.terminal import Terminal
from tests.support.tls import Tls

from .lms import LmsPages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
SOONER = "2"  # seconds of silence, instead of 20
GRANTED = "local-network-access"


@dataclass(frozen=True)
class Sites:
    """Everything on the web in these tests; a proxy on a public address may listen at ``front``."""

    secure: Site
    plain: Site
    private: Site
    plain_private: Site
    tool: Site
    front: int

    @property
    def public_ports(self) -> tuple[int, ...]:
        return (self.secure.port, self.plain.port, self.tool.port, self.front)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    tls = Tls(tmp_path_factory.mktemp("tls"), "lms.example", "tool.example")
    with (
        Site("lms.example", tls.server_context()) as secure,
        Site("lms.example") as plain,
        Site("lms.example", tls.server_context()) as private,
        Site("lms.example") as plain_private,
        Site("tool.example", tls.server_context()) as tool,
    ):
        yield Sites(secure, plain, private, plain_private, tool, free_port())


@pytest.fixture(scope="module")
def chromium(sites: Sites) -> Iterator["Browser"]:
    public = ",".join(f"127.0.0.1:{port}=public" for port in sites.public_ports)
    flags = (
        f"--ip-address-space-overrides={public}",
        "--host-resolver-rules=MAP *.example 127.0.0.1",
    )
    with browser(flags) as started:
        yield started


@pytest.fixture
def tab(chromium: "Browser") -> Iterator["Page"]:
    """A page in which nothing on this device may be reached."""
    with page(chromium, ignore_https_errors=True) as fresh:
        yield fresh


@pytest.fixture
def secure(sites: Sites, playback: PlaybackPlatform) -> LmsPages:
    return LmsPages(sites.secure, playback.url("configuration"))


@pytest.fixture
def waiting(acme: Ltictl) -> Iterator[tuple[Terminal, str]]:
    """``register`` at a terminal that explains silence after two seconds, and its URL."""
    given = ("register", "--org", "acme", "--port", "0", "--allow-private")
    terminal = Terminal(
        [sys.executable, "-m", "tests.support.impatient", SOONER, *given],
        env=acme.home.environment({"PYTHONPATH": str(ROOT)}),
        cwd=acme.home.path,
    )
    with terminal:
        screen = terminal.wait_for("?t=")
        yield terminal, next(line.strip() for line in screen.splitlines() if "?t=" in line)
