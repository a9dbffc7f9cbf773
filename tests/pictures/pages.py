"""The page inside the embedded LMS, before and after Register is pressed, as PNG."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from tests.support.browser import browser, page
from tests.support.cli import Ltictl, make_home

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WIDTH: Final = 880
_TALL: Final = 1400
_MARGIN: Final = 16
# The embedded LMS plays these too; Brightspace would open the page in a tab.
_FRAMED: Final = (Like.CANVAS, Like.SAKAI)


def draw_pages(folder: Path, scratch: Path) -> list[Path]:
    """Register the example tool at the embedded LMS with a browser, taking pictures on the way."""
    with Ltictl(make_home(scratch)) as ltictl, Sandbox() as lms, browser() as chromium:
        url = _listening(ltictl)
        options = {"viewport": {"width": _WIDTH, "height": _TALL}, "device_scale_factor": 1.5}
        with page(chromium, color_scheme="light", **options) as tab:
            tab.goto(lms.admin_url)
            tab.fill("#tool-url", url)
            pasted = _take(tab, folder / "paste.png", bottom="#add-tool")
            tab.click("#add-lti-advantage")
            frame = tab.frame_locator("#registration-frame")
            frame.locator("#register").wait_for()
            confirm = _take(tab, folder / "confirm.png")
            frame.locator("#register").click()
            frame.locator("#result[data-outcome=registered]").wait_for()
            result = _take(tab, folder / "result.png")
            frame.locator("#done").click()
            tab.locator(".tool-card").wait_for()
            card = _take(tab, folder / "pending.png", bottom="#tool-list .tools")
    return [pasted, confirm, result, card]


def draw_other_families(folder: Path, scratch: Path) -> list[Path]:
    """Take the page in the embedded LMS as it plays Canvas and Sakai."""
    made = []
    with browser() as chromium:
        for family in _FRAMED:
            home = make_home(scratch / family)
            with Ltictl(home) as ltictl, Sandbox(family=family.code) as lms:
                url = _listening(ltictl)
                options = {"viewport": {"width": _WIDTH, "height": _TALL}}
                with page(chromium, color_scheme="light", **options) as tab:
                    tab.goto(lms.admin_url)
                    tab.fill("#tool-url", url)
                    tab.click("#add-lti-advantage")
                    tab.frame_locator("#registration-frame").locator("#register").wait_for()
                    made.append(_take(tab, folder / f"confirm-{family}.png"))
    return made


def _listening(ltictl: Ltictl) -> str:
    """The registration URL of a run that waits for the LMS and serves the tool's key set."""
    port = _free_port()
    made = ltictl("init", "--name", "Example Tool", "--url", "https://tool.example.com", "--json")
    settings = Path(made.data["profile"]) / "profile.toml"
    here = f'jwks_uri = "http://127.0.0.1:{port}/jwks.json"\n'
    settings.write_text(settings.read_text().replace("[tool]\n", f"[tool]\n{here}"))
    ltictl("org", "add", "acme", "--name", "Acme School")
    running = ltictl.start(
        "register", "--org", "acme", "--port", str(port), "--allow-private", "--json"
    )
    return str(running.next_event("listening")["url"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _take(tab: "Page", path: Path, *, bottom: str = "#registration") -> Path:
    """A picture of the page down to the end of the element ``bottom``."""
    if tab.locator("#registration-frame").count():
        _stretch(tab)
    box = tab.locator(bottom).bounding_box()
    height = _TALL if box is None else min(_TALL, box["y"] + box["height"] + _MARGIN)
    tab.screenshot(
        path=path, clip={"x": 0, "y": 0, "width": _WIDTH, "height": height}, animations="disabled"
    )
    return path


def _stretch(tab: "Page") -> None:
    """Make the frame as high as what it shows, so that a picture shows it whole."""
    frame = tab.locator("#registration-frame")
    set_height = "(element, height) => element.style.height = `${height}px`"
    frame.evaluate(set_height, 0)
    content = tab.frames[-1].evaluate("document.body.getBoundingClientRect().height")
    frame.evaluate(set_height, content + 2)
