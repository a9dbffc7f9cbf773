"""A home folder with three profiles whose names the tests mistype."""

import shutil
from pathlib import Path

import pytest

from ltictl.model.integration import Deployment
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.in_process import Run, run

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "configuration_url")

__all__ = ["Run", "run"]


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Profiles ``default`` and ``prod``; acme has a Moodle and a Canvas, empty has nothing."""
    home = tmp_path_factory.mktemp("town")
    for name in ("default", "prod"):
        context = Context(Profile(home / "profiles" / name))
        initialise(context, name="Example Tool", url="https://tool.invalid")
    context = Context(Profile(home / "profiles" / "default"))
    for slug in ("acme", "beta", "empty"):
        add_organization(context, slug)
    for identifier, family in (("acme-canvas", "canvas"), ("acme-moodle", "moodle")):
        host = f"https://{family}.acme.example"
        context.profile.integrations.add(
            things.integration(
                identifier,
                platform=replace(
                    things.PLATFORM,
                    issuer=host,
                    family=family,
                    # Canvas has its endpoints at another host than its issuer.
                    **(dict.fromkeys(ENDPOINTS, f"{host}/mod/lti") if family == "moodle" else {}),
                ),
                client_id=f"{family}-client",
                former_client_ids=(),
                deployments=(Deployment(f"{family}-7", "course"),),
            )
        )
    return home


@pytest.fixture
def home(town: Path, tmp_path: Path, run: Run) -> Path:
    """A copy of the town that ``run`` works in."""
    assert callable(run)
    shutil.copytree(town, tmp_path / "home")
    (tmp_path / "bad.toml").write_text('[[organizations]]\nslug = "new"\nname = \n')
    (tmp_path / "good.toml").write_text('[[organizations]]\nslug = "new"\n')
    return tmp_path / "home"
