"""Every command's JSON has the keys that scripts rely on, and stdout has nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ltictl.cli.catalogue import COMMANDS
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support import things

ENVELOPE = ["version", "command", "ok", "data", "warnings", "error"]
INTEGRATION = {
    "id": "acme-moodle",
    "organization": "acme",
    "status": "active",
    "platform": ["issuer", "family", "version", "name", "host"],
    "client_id": "client-1",
    "deployments": ["id", "label", "source"],
    "scopes": ["requested", "answered", "granted"],
    "created_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T13:00:00Z",
    "verified_at": None,
    "activated_at": "2026-01-31T12:00:00Z",
    "registration": ["updatable", "lms_step", "lms_switch"],
    "problems": ["one", "two"],
}
INVITATION = ["id", "organization", "platform", "state", "created_at", "expires_at", "spent_by"]
KEY = ["kid", "state", "created_at", "promote_after", "withdraw_after"]
ATTEMPT = [
    *("id", "organization", "platform", "stage", "created_at", "sent_at", "token_subject", "fix"),
]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """One of everything."""
    context = Context(Profile(tmp_path / "profile"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")
    context.profile.integrations.add(things.integration())
    journal = context.profile.attempts.begin(things.attempt("acme-moodle-2"))
    journal.note_sent(things.NOW)
    journal.close()
    return context.profile.root


def assert_good(envelope: dict[str, Any], stderr: bytes) -> None:
    """Fail unless the envelope is one of success, without anything beside it."""
    assert list(envelope) == ENVELOPE
    assert (envelope["version"], envelope["ok"], envelope["error"]) == (1, True, None), envelope
    assert stderr == b""


def run(profile: Path, *args: str) -> dict[str, Any]:
    environment = {"PATH": os.environ["PATH"], "LTICTL_PROFILE": str(profile)}
    done = subprocess.run(
        [sys.executable, "-m", "ltictl", *args, "--json"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    found = json.loads(done.stdout)
    assert_good(found, done.stderr)
    value: dict[str, Any] = found["data"]
    return value


def keys(value: object) -> list[str]:
    assert isinstance(value, dict)
    return list(value)


@pytest.mark.parametrize("command", ["list", "show acme-moodle", "activate acme-moodle"])
def test_an_integration(profile: Path, command: str) -> None:
    (found,) = run(profile, *command.split())["integrations"]

    assert keys(found) == list(INTEGRATION)
    for name, wanted in INTEGRATION.items():
        value = found[name][0] if name == "deployments" else found[name]
        assert (keys(value) if isinstance(value, dict) else value) == wanted, name


def test_list(profile: Path) -> None:
    run(profile, "registration-url", "--org", "acme")

    found = run(profile, "list")

    assert keys(found) == ["integrations", "attempts", "invitations"]
    assert keys(found["invitations"][0]) == INVITATION
    assert set(ATTEMPT) <= set(keys(found["attempts"][0]))


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("show acme-moodle", ["integrations"]),
        ("activate acme-moodle", ["integrations", "changed"]),
        ("deactivate acme-moodle --yes", ["integrations", "changed"]),
        ("remove acme-moodle --yes", ["integrations", "planned"]),
        ("registration-url --org acme", ["url", "organization", "invitation", "expires_at"]),
        ("registration-url", ["url", "organization", "invitation", "expires_at"]),
        ("org add other", ["organizations"]),
        ("org list", ["organizations"]),
        ("org show acme", ["organizations", "integrations"]),
        ("invitation list", ["invitations"]),
        ("rotate-keys", ["keys", "next_run"]),
        ("keys list", ["keys", "next_run"]),
        ("config", ["settings"]),
    ],
)
def test_data_of_a_command(profile: Path, command: str, wanted: list[str]) -> None:
    assert keys(run(profile, *command.split())) == wanted


@pytest.mark.parametrize("command", ["rotate-keys", "keys list"])
def test_a_key(profile: Path, command: str) -> None:
    assert keys(run(profile, *command.split())["keys"][0]) == KEY


def test_init(tmp_path: Path) -> None:
    found = run(tmp_path / "new", "init", "--name", "T", "--url", "https://t.example")

    assert {"profile", "name", "url", "jwks_uri"} <= set(found)


def test_revoking_an_invitation(profile: Path) -> None:
    made = run(profile, "registration-url")["invitation"]

    (found,) = run(profile, "invitation", "revoke", made)["invitations"]

    assert keys(found) == INVITATION
    assert found["state"] == "revoked"


def test_the_key_set_is_bare(profile: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "LTICTL_PROFILE": str(profile)}
    argv = [sys.executable, "-m", "ltictl", "jwks", "--json"]
    done = subprocess.run(argv, env=environment, capture_output=True, check=True)

    assert list(json.loads(done.stdout)) == ["keys"]
    assert done.stderr == b""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    argv = [sys.executable, "-m", "ltictl", *name.split(), "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)

    assert f"Usage: ltictl {name}" in done.stdout
    assert "Example: ltictl" in done.stdout
    assert "--json" in done.stdout
