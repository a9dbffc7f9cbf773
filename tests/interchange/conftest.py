"""A profile with organizations, and ways to fill it, for what hands integrations over."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support.cli import Home, Ltictl


@pytest.fixture(scope="session")
def handover_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, since a key takes a while; copied for each test."""
    context = Context(Profile(tmp_path_factory.mktemp("template") / "profile"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")
    add_organization(context, "beta", "")
    return context.profile.root


@pytest.fixture
def profile(home: Home, handover_template: Path) -> Path:
    """The profile that ``ltictl`` uses by default in this test's home."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(handover_template, folder)
    return folder


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
