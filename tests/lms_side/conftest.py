"""Commands in one process against a played LMS that has an interface for administrators."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ltictl.cli.app import main
from ltictl.model.integration import Integration, Status
from ltictl.model.platform import Platform
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.family import FamilyCode
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support.answers import Answer, ReceivedRequest
from tests.support.exact_server import ExactServer
from tests.support.schemas import assert_schema, data_schema


@dataclass(frozen=True)
class Done:
    """One run of a command."""

    code: int
    stdout: str
    stderr: str

    @property
    def envelope(self) -> dict[str, Any]:
        value = json.loads(self.stdout)
        assert isinstance(value, dict)
        return value

    @property
    def data(self) -> dict[str, Any]:
        found = self.envelope["data"]
        assert isinstance(found, dict), self
        return found

    @property
    def error(self) -> str:
        return str(self.envelope["error"]["code"])


Run = Callable[..., Done]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """An empty profile: a tool, its first key and one organization."""
    context = Context(Profile(tmp_path / "home" / "profiles" / "default"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")
    return context


@pytest.fixture
def run(
    context: Context,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs ltictl with the profile of the test, without a terminal."""
    del context
    monkeypatch.setenv("LTICTL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LTICTL_ALLOW_PRIVATE", "1")
    for name in ("LTICTL_PROFILE", "LTICTL_LMS_TOKEN", "LTICTL_LMS_URL", "LTICTL_CA_FILE"):
        monkeypatch.delenv(name, raising=False)

    def call(*argv: str) -> Done:
        capsys.readouterr()
        code = main(list(argv))
        said = capsys.readouterr()
        done = Done(code, said.out, said.err)
        if code == 0 and "--json" in argv and argv[0] == "lms":
            assert_schema(done.data, data_schema(" ".join(argv[:2])))
        return done

    return call


class Lms:
    """An LMS that gives the test's answers."""

    def __init__(self) -> None:
        self.answer: Callable[[ReceivedRequest], Answer] = lambda _: Answer.text("not here", 404)
        self.requests: list[ReceivedRequest] = []
        self.server = ExactServer(self._answer, None)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def _answer(self, request: ReceivedRequest) -> Answer:
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
def lms(context: Context) -> Iterator[Lms]:
    """An LMS with an integration at it."""
    found = Lms()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.02,))
    thread.start()
    now = context.now()
    platform = Platform(
        issuer=found.url,
        authorization_endpoint=f"{found.url}/auth",
        token_endpoint=f"{found.url}/token",
        jwks_uri=f"{found.url}/jwks",
        registration_endpoint=f"{found.url}/api/lti/registrations",
        family="canvas",
    )
    integration = Integration(
        id="acme-canvas",
        organization="acme",
        status=Status.PENDING,
        platform=platform,
        client_id="170000000000001",
        created_at=now,
        updated_at=now,
    )
    context.profile.integrations.add(integration)
    yield found
    found.server.stop()
    thread.join()


@pytest.fixture
def canvas() -> Iterator[Sandbox]:
    with Sandbox(family=FamilyCode.CANVAS) as running:
        yield running


@pytest.fixture
def administrator(canvas: Sandbox) -> Administrator:
    found = canvas.lms.administration
    assert found is not None
    return found


@pytest.fixture
def token_file(administrator: Administrator, tmp_path: Path) -> str:
    path = tmp_path / "administrators-token"
    path.write_text(f"{administrator.token}\n")
    return str(path)
