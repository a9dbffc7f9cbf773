"""Firefox: a frame with and without permission, a new tab, the relay page's block."""

import time
from collections.abc import Iterator

import pytest

from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.firefox import Context, Firefox
from tests.support.playback import PlaybackPlatform
from tests.support.terminal import Terminal
from tests.support.visit import issued, listening

from .conftest import Sites
from .lms import CLOSE, LmsPages

ALLOW, ASK = 1, 0


def preferences(sites: Sites, permission: int) -> dict[str, object]:
    public = ",".join(f"127.0.0.1:{port}" for port in sites.public_ports)
    return {
        "network.dns.localDomains": "lms.example,tool.example",
        "network.lna.enabled": True,
        "network.lna.blocking": True,
        "network.lna.address_space.public.override": public,
        "permissions.default.loopback-network": permission,
    }


@pytest.fixture(scope="module")
def allowing(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("ff"), preferences(sites, ALLOW)) as started:
        yield started


@pytest.fixture(scope="module")
def asking(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Nobody answers its question: there is no window."""
    with Firefox(tmp_path_factory.mktemp("ff"), preferences(sites, ASK)) as started:
        yield started


def open_page(firefox: Firefox, lms: LmsPages, url: str, way: str) -> Context:
    page = firefox.new_page()
    page.goto(lms.start)
    page.evaluate(f"{way}({lms.address(url)!r})")
    return page


def press(tool: Context) -> None:
    tool.wait_for("!!document.querySelector('#register')")
    tool.evaluate("document.querySelector('#register').click()")
    tool.wait_for("document.querySelector('#result')?.dataset.outcome === 'registered'")


def test_a_frame_with_permission(acme: Ltictl, secure: LmsPages, allowing: Firefox) -> None:
    running, url = listening(acme)
    page = open_page(allowing, secure, url, "frame")
    (tool,) = page.frames()

    press(tool)
    tool.evaluate("document.querySelector('#done').click()")

    page.wait_for("heard.length")
    assert page.evaluate("heard") == [[url.partition("/register")[0], CLOSE]]
    assert running.wait(10).code == 0


def test_a_frame_without_permission_sends_nothing_and_the_terminal_says_allow(
    waiting: tuple[Terminal, str], secure: LmsPages, asking: Firefox
) -> None:
    terminal, url = waiting
    page = open_page(asking, secure, url, "frame")

    screen = terminal.wait_for("press Allow")

    (tool,) = page.frames()
    assert tool.evaluate("document.querySelector('#register') === null")
    assert "Permissions requested" not in screen


@pytest.mark.parametrize("way", ["tab", "opened"])
def test_a_tab_or_window_needs_no_permission(
    acme: Ltictl, secure: LmsPages, asking: Firefox, way: str
) -> None:
    running, url = listening(acme)
    before = {each.id for each in asking.pages()}
    page = open_page(asking, secure, url, way)
    end = time.monotonic() + 10
    while not (new := [e for e in asking.pages() if e.id not in before | {page.id}]):
        assert time.monotonic() < end
        time.sleep(0.05)

    press(new[0])
    new[0].evaluate("document.querySelector('#done').click()")

    assert running.wait(10).code == 0
    if way == "opened":
        page.wait_for("heard.length")
    assert page.evaluate("heard.length") == (1 if way == "opened" else 0)


def test_a_block_sealed_in_firefox_opens(
    acme: Ltictl, sites: Sites, secure: LmsPages, asking: Firefox, playback: PlaybackPlatform
) -> None:
    html = acme("relay-page").stdout.encode()
    sites.tool.pages["/relay"] = Answer(200, {"Content-Type": "text/html"}, html)
    url = issued(acme, f"{sites.tool.origin}/relay", "--org", "acme")
    page = open_page(asking, secure, url, "frame")
    (tool,) = page.frames()
    block = tool.wait_for("document.querySelector('#block')?.value")

    done = acme("register", "--paste", "--yes", "--allow-private", "--json", input=block)

    assert done.code == 0, done
    (request,) = playback.requests_to("registration")
    assert request.headers["authorization"] == "Bearer the-token"
