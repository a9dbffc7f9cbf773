"""A profile of schema 1 as an earlier ltictl wrote it (0.1 before its release): it stays readable.

The files of ``schema_1`` are never written anew. A later schema gets a folder of its own.
"""

import shutil
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.integration import Deployment, DeploymentSource, Integration, Status
from ltictl.model.invitation import Invitation
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.store.attempt_records import MAX_ANSWER
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.things import NOW

SAMPLE = Path(__file__).parent / "schema_1"
ACME = replace(
    things.integration(),
    deployments=(
        Deployment("7", "course", DeploymentSource.LAUNCH),
        Deployment("8", source=DeploymentSource.REGISTRATION),
    ),
    verified_at=NOW,
    token_sha256="ab" * 32,
    request="",  # the first version kept none
)
BARE = "https://bare.example"
WHOLE = ["organizations/acme", "invitations/1a2b", "integrations/acme-moodle", "keys/kid-2"]


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    root = tmp_path / "profile"
    shutil.copytree(SAMPLE, root)
    (attempt,) = (root / "attempts").iterdir()
    attempt.write_bytes(attempt.read_bytes().ljust(MAX_ANSWER + 4096, b"\0"))
    return Profile(root)


def test_everything_is_read_as_it_was_meant(profile: Profile) -> None:
    at = Platform(BARE, f"{BARE}/a", f"{BARE}/t", f"{BARE}/k", f"{BARE}/t")

    assert profile.organizations.all().items == (
        things.organization(),
        Organization("bare", NOW),
    )
    assert profile.invitations.all().items == (
        things.invitation(),
        Invitation("2b3c", "cd" * 32, NOW, NOW + timedelta(days=7)),
    )
    assert profile.integrations.all().items == (
        ACME,
        Integration("bare-lms", "bare", Status.PENDING, at, "client-2", NOW, NOW),
    )
    assert profile.signing_keys.get("kid-1") == things.signing_key()
    assert profile.signing_keys.get("kid-2") == SigningKey(
        "kid-2",
        KeyState.CURRENT,
        "n",
        "AQAB",
        NOW,
        stopped_at=NOW,
        missed_at=NOW,
        published_at=NOW,
        handed_on_at=NOW,
        confirmed_at=NOW,
        promotion=3,
        refetch_with="kid-1",
        unannounced=True,
    )
    answered = things.attempt("acme-moodle-2").sent(NOW).answered(things.ANSWER)
    assert profile.attempts.get("acme-moodle-2") == answered


@pytest.mark.parametrize("path", WHOLE)
def test_a_document_written_today_says_the_same(profile: Profile, path: str) -> None:
    kind, name = path.split("/")
    collections: dict[str, Any] = {
        "organizations": profile.organizations,
        "invitations": profile.invitations,
        "integrations": profile.integrations,
        "keys": profile.signing_keys,
    }
    collection = collections[kind]
    file = profile.root / f"{path}.toml"
    before = tomllib.loads(file.read_text("utf-8"))

    collection.add(collection.remove(name))

    after = tomllib.loads(file.read_text("utf-8"))
    assert after.pop("write") != before.pop("write")
    assert after == before
