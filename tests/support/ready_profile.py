"""A ready profile for every test: the tool, its first key and the organization acme.

``tests/conftest.py`` makes these fixtures known to all tests.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin


def make_profile(folder: Path, organizations: Mapping[str, str]) -> Path:
    """A profile in ``folder`` that knows these organizations, by their slugs."""
    context = Context(Profile(folder / "profile"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    for slug, name in organizations.items():
        add_organization(context, slug, name)
    return context.profile.root


def copy_to(home: Home, template: Path) -> Path:
    """Make a copy the profile that ``ltictl`` uses by default in this home."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(template, folder)
    return folder


@pytest.fixture(scope="session")
def profile_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, since a key takes a while; copied for each test."""
    return make_profile(tmp_path_factory.mktemp("template"), {"acme": "Acme School"})


@pytest.fixture
def profile(home: Home, profile_template: Path) -> Path:
    """The profile that ``ltictl`` uses by default in this test's home."""
    return copy_to(home, profile_template)


@pytest.fixture
def acme(ltictl: Ltictl, profile: Path) -> Ltictl:
    """``ltictl`` with a profile that knows acme."""
    assert profile.exists()
    assert os.environ.get("LTICTL_PROFILE") is None
    return ltictl


@pytest.fixture
def admin(playback: PlaybackPlatform) -> Admin:
    """An LMS administrator at the played platform."""
    return Admin(playback.url("configuration"))
