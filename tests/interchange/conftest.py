"""A profile with organizations, and ways to fill it, for exports and hooks."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Home, Ltictl
from tests.support.ready_profile import copy_to, make_profile


@pytest.fixture(scope="session")
def handover_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, since a key takes a while; copied for each test."""
    organizations = {"acme": "Acme School", "beta": ""}
    return make_profile(tmp_path_factory.mktemp("template"), organizations)


@pytest.fixture
def profile(home: Home, handover_template: Path) -> Path:
    """The profile that ``ltictl`` uses by default in this test's home."""
    return copy_to(home, handover_template)


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


Register = Callable[..., dict[str, Any]]


@pytest.fixture
def register(ltictl: Ltictl, lms: Sandbox, profile: Path) -> Register:
    """Registers the tool in the embedded LMS without a browser."""
    assert profile.exists()

    def run(organization: str = "acme", *args: str) -> dict[str, Any]:
        started = lms.lms.start_registration("https://tool.invalid/register?t=x")
        query = parse_qs(urlsplit(started).query)
        done = ltictl(
            *("register", "--org", organization, "--yes", "--allow-private", *args),
            *("--openid-configuration", query["openid_configuration"][0]),
            *("--registration-token-file", "-", "--json"),
            input=query["registration_token"][0],
        )
        done.assert_success()
        (integration,) = done.data["integrations"]
        return dict(integration)

    return run
