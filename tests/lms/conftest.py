"""A profile with a really published key set, and an embedded LMS of each family."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.model.attempt import NewClient
from ltictl.net.policy import GuardPolicy
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.context import Context
from ltictl.operations.events import Inbox
from ltictl.operations.registration.headless import inspect_headless, register_headless
from ltictl.operations.registration.inspect_platform import Inspection
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan
from ltictl.operations.signing import published_keys
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home
from tests.support.playback import PlaybackPlatform
from tests.support.ready_profile import copy_to, make_profile

POLICY = GuardPolicy(allow_private=True)
PASTED = "https://tool.invalid/register?t=1"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    organizations = {"acme": "Acme School", "beta": "Beta School"}
    return make_profile(tmp_path_factory.mktemp("lms"), organizations)


@pytest.fixture
def profile_at_home(template: Path, home: Home) -> Context:
    """The profile that ``ltictl`` uses by default in this test's home."""
    return Context(Profile(copy_to(home, template)))


@pytest.fixture
def context(template: Path, tmp_path: Path, playback: PlaybackPlatform) -> Context:
    """A profile of its own; what its jwks_uri names is served."""
    shutil.copytree(template, tmp_path / "profile")
    context = Context(Profile(tmp_path / "profile"))
    keys = playback.url("/keys")
    playback.on("/keys", Answer.json(json.loads(json.dumps(published_keys(context)[0]))))
    setting(context, f'jwks_uri = "{keys}"')
    return context


def setting(context: Context, lines: str) -> None:
    """Add lines to the table ``[tool]``, or tables after it."""
    path = context.profile.root / "profile.toml"
    text = path.read_text()
    if lines.lstrip().startswith("["):
        path.write_text(f"{text}\n{lines}\n")
    else:
        path.write_text(text.replace("[tool]\n", f"[tool]\n{lines}\n", 1))


@dataclass(frozen=True)
class School:
    """An embedded LMS and what its administrator does with the tool of one profile."""

    sandbox: Sandbox
    context: Context

    def start(self, *options: str) -> dict[str, str]:
        """The two parameters with which the LMS opens the tool's page."""
        return parameters(self.sandbox.lms.start_registration(PASTED, frozenset(options)))

    def updating(self, deployment_id: str) -> dict[str, str]:
        return parameters(self.sandbox.lms.start_update(deployment_id, PASTED))

    def inspect(self, given: dict[str, str], organization: str = "acme") -> Inspection:
        return inspect_headless(
            self.context,
            Reach(POLICY),
            organization=organization,
            configuration_url=given["openid_configuration"],
            token=given.get("registration_token", ""),
        )

    def register(
        self,
        given: dict[str, str],
        organization: str = "acme",
        replaces: str = "",
        new_client: NewClient = NewClient.BESIDE,
    ) -> Registered:
        plan = Plan(
            organization,
            "",
            self.inspect(given, organization),
            given.get("registration_token", ""),
            replaces,
            new_client,
        )
        return register_headless(self.context, POLICY, plan, Inbox())


def parameters(address: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


MakeSchool = Callable[[Like], School]


@pytest.fixture
def school_like(context: Context) -> Iterator[MakeSchool]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda like: School(stack.enter_context(Sandbox(family=like.code)), context)
