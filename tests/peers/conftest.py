"""A profile whose tool is a real program, registered and active in the embedded LMS."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def profile(ltictl: Ltictl) -> Path:
    made = ltictl("init", "--name", "Peer Tool", "--url", "https://tool.invalid", "--json")
    made.assert_success()
    for slug in ("acme", "beta"):
        ltictl("org", "add", slug).assert_success()
    return Path(made.data["profile"])


Configure = Callable[..., None]


@pytest.fixture
def configure(profile: Path) -> Configure:
    """Writes ``[tool]`` of profile.toml anew."""

    def write(url: str, **settings: str) -> None:
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        (profile / "profile.toml").write_text(
            "\n".join(
                [
                    "[tool]",
                    'name = "Peer Tool"',
                    f'url = "{url}"',
                    *lines,
                    'scopes = ["score"]',
                    "[[tool.messages]]",
                    'type = "LtiResourceLinkRequest"',
                    "[[tool.messages]]",
                    'type = "LtiDeepLinkingRequest"',
                    "",
                ]
            )
        )

    return write


Register = Callable[..., dict[str, Any]]


@pytest.fixture
def register(ltictl: Ltictl, lms: Sandbox) -> Register:
    """Registers the tool in the embedded LMS, headless, and activates it on both sides."""

    def run(organization: str = "acme") -> dict[str, Any]:
        started = lms.lms.start_registration("https://tool.invalid/register?t=x")
        query = parse_qs(urlsplit(started).query)
        done = ltictl(
            *("register", "--org", organization, "--yes", "--allow-private", "--activate"),
            *("--openid-configuration", query["openid_configuration"][0]),
            *("--registration-token-file", "-", "--json"),
            input=query["registration_token"][0],
        )
        done.assert_success()
        (integration,) = done.data["integrations"]
        lms.lms.activate(integration["deployments"][0]["id"])
        return dict(integration)

    return run
