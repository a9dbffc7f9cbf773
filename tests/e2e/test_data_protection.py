"""``org export``: what a school may ask for, whole and without secrets."""

import json
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.invitation import Invitation, secret_digest
from ltictl.model.login import Login
from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl
from tests.support.schemas import assert_schema, data_schema

ACME, BETA = "acme-moodle", "beta-moodle"
SECRET = "CANARY-SECRET"


@pytest.fixture
def school(ltictl: Ltictl, profile: Path) -> Ltictl:
    """Two schools: of acme an integration in use, a removed one, an invitation and secrets."""
    made = Profile(profile)
    made.integrations.add(things.integration(ACME, token_sha256="ab" * 32))
    made.integrations.add(things.integration("acme-lms"))
    made.invitations.add(replace(things.invitation(), secret_sha256=secret_digest(SECRET)))
    made.keep_secret(ACME, {"registration_access_token": SECRET})
    made.keep_secret("acme-lms", {"registration_access_token": SECRET})
    made.logins.keep(Login("acme", "https://lms.example", "moodle", SECRET, things.NOW))
    journal = made.attempts.begin(things.attempt("acme-lms-2"))
    journal.note_sent(things.NOW)
    journal.close()
    made.attempts.set_aside("acme-lms-2", "mark")
    ltictl("remove", "acme-lms", "--yes").assert_success()
    ltictl("org", "add", "beta").assert_success()
    made.integrations.add(things.integration(BETA, organization="beta", client_id="b"))
    free = Invitation("9f9f", secret_digest("x"), things.NOW, things.NOW)
    made.invitations.add(replace(free, spent_by=ACME))  # the page let a person choose acme
    made.invitations.add(Invitation("8e8e", secret_digest("y"), things.NOW, things.NOW, "beta"))
    return ltictl


def exported(ltictl: Ltictl, slug: str = "acme") -> dict[str, Any]:
    done = ltictl("org", "export", slug)
    done.assert_success()
    document: dict[str, Any] = json.loads(done.stdout)
    assert_schema(document, "organization.json")
    return document


def test_everything_on_a_school_is_one_document_without_secrets(
    school: Ltictl, profile: Path
) -> None:
    document = exported(school)

    kinds = sorted(
        each["document"].rpartition(".")[0] or each["document"] for each in document["documents"]
    )
    assert [each.partition("@")[0] for each in kinds] == [
        *("integrations/acme-moodle", "invitations/1a2b", "invitations/9f9f"),
        *("organizations/acme", "removed/integrations/acme-lms", "removed/secrets/acme-lms"),
        *("secrets/acme-moodle", "secrets/acme"),
    ]
    members = {each["document"]: each["members"] for each in document["documents"]}
    assert members["integrations/acme-moodle"]["request"] == {"client_name": "ü"}
    assert members["secrets/acme-moodle"] == {"holds": ["registration_access_token"]}
    (login,) = (members[each] for each in members if each.startswith("secrets/acme@"))
    assert (login["base"], "secret" in login["holds"]) == ("https://lms.example", True)
    assert [(each["id"], each["aside"]) for each in document["attempts"]] == [("acme-lms-2", True)]
    assert {each["action"] for each in document["log"]} >= {"remove"}
    text = json.dumps(document)
    assert SECRET not in text
    assert secret_digest(SECRET) not in text
    assert "beta" not in text
    assert (profile / "organizations" / "acme.toml").exists()


def test_the_file_is_private_and_a_removed_school_is_still_found(
    school: Ltictl, profile: Path, tmp_path: Path
) -> None:
    file = tmp_path / "acme.json"

    done = school("org", "export", "acme", "--output", str(file), "--json")
    same = school("org", "export", "acme", "--output", "-")

    done.assert_success()
    assert_schema(done.data, data_schema("org export"))
    assert (file.read_text(), file.stat().st_mode & 0o777) == (same.stdout, 0o600)
    Profile(profile).integrations.remove(ACME)
    Profile(profile).organizations.remove("acme")
    assert any(
        "removed/organizations/acme." in each["document"] for each in exported(school)["documents"]
    )
    assert school("org", "export", "nobody").code == 4


def test_a_damaged_document_is_named_and_left_out(school: Ltictl, profile: Path) -> None:
    (profile / "integrations" / "acme-broken.toml").write_text("schema = 1\nx =")

    done = school("org", "export", "acme")

    assert done.code == 0
    assert "Left out:" in done.stderr
    assert "acme-broken.toml" in done.stderr
