"""The relay page as an LMS administrator sees it, with a sealed block in it, as PNG."""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from tests.support.browser import browser, page
from tests.support.cli import Ltictl, make_home
from tests.support.site import Site

_WIDTH: Final = 720
_SENT: Final = {
    "openid_configuration": "https://moodle.school.example/mod/lti/openid-configuration.php",
    "registration_token": "t" * 300,
}


def draw_relay_page(folder: Path, scratch: Path) -> Path:
    """Make the page and open it as an LMS does; encryption works on loopback without TLS."""
    path = folder / "relay.png"
    with Ltictl(make_home(scratch)) as ltictl, Site("127.0.0.1") as site, browser() as chromium:
        ltictl("init", "--name", "Example Tool", "--url", "https://tool.example.com")
        address = site.page("/register", ltictl("relay-page").stdout)
        issued = ltictl("registration-url", "--public-url", address).stdout.strip()
        options = {"viewport": {"width": _WIDTH, "height": 1}, "device_scale_factor": 1}
        with page(chromium, color_scheme="light", **options) as tab:
            tab.goto(f"{issued}&{urlencode(_SENT)}")
            tab.locator("#block").wait_for()
            tab.screenshot(path=path, full_page=True, animations="disabled")
    return path
