"""A launch in the embedded LMS, of a tool made with PyLTI1p3, as PNG."""

from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ltictl.sandbox.server import Sandbox
from tests.support.browser import browser, page
from tests.support.cli import Ltictl, make_home
from tests.support.python_peers import PythonPeer

_SIZE: Final = {"width": 880, "height": 760}
_MESSAGES: Final = ("LtiResourceLinkRequest", "LtiDeepLinkingRequest")


def draw_launch(folder: Path, scratch: Path) -> Path:
    """Register the tool, open it in a course as a student, and take a picture."""
    path, document = folder / "launch.png", scratch / "lti.json"
    home = make_home(scratch)
    with (
        Ltictl(home) as ltictl,
        Sandbox() as lms,
        PythonPeer("pylti1p3", "pylti1p3_tool.py", str(document)) as tool,
        browser() as chromium,
    ):
        deployment = _register(ltictl, lms, tool.base_url)
        ltictl("export", "pylti1p3", "--output", str(document)).assert_success()
        with page(chromium, color_scheme="light", viewport=_SIZE, device_scale_factor=1.5) as tab:
            tab.goto(f"{lms.base_url}/launch/{deployment}")
            tab.click(".open.student")
            tab.frame_locator("#tool-frame").locator("#facts").wait_for()
            tab.screenshot(path=path, animations="disabled")
    return path


def _register(ltictl: Ltictl, lms: Sandbox, url: str) -> str:
    """Register the tool, activate it on both sides, and return its deployment."""
    made = ltictl("init", "--name", "Example Tool", "--url", url, "--json")
    settings = Path(made.data["profile"]) / "profile.toml"
    messages = "".join(f'[[tool.messages]]\ntype = "{each}"\n' for each in _MESSAGES)
    settings.write_text(
        f'[tool]\nname = "Example Tool"\nurl = "{url}"\nscopes = ["score"]\n{messages}'
    )
    ltictl("org", "add", "acme", "--name", "Acme School")
    query = parse_qs(urlsplit(lms.lms.start_registration(f"{url}/register?t=x")).query)
    done = ltictl(
        *("register", "--org", "acme", "--yes", "--allow-private", "--activate", "--json"),
        *("--openid-configuration", query["openid_configuration"][0]),
        *("--registration-token-file", "-"),
        input=query["registration_token"][0],
    )
    (integration,) = done.data["integrations"]
    deployment = str(integration["deployments"][0]["id"])
    lms.lms.activate(deployment)
    return deployment
