"""``org export`` and ``org erase``: what a school may ask for, whole, and then nothing of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.invitation import Invitation, secret_digest
from ltictl.model.login import Login
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.data_protection.erase import erase_organization
from ltictl.store.log.pseudonyms import Traces, pseudonymised
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
    made.secrets.keep(ACME, {"registration_access_token": SECRET})
    made.secrets.keep("acme-lms", {"registration_access_token": SECRET})
    made.logins.keep(Login("acme", "https://lms.example", "moodle", SECRET, things.NOW))
    journal = made.attempts.begin(things.attempt("acme-lms-2"))
    journal.note_sent(things.NOW)
    journal.close()
    made.attempts.set_aside("acme-lms-2", "mark")
    ltictl("remove", "acme-lms", "--yes").assert_success()
    ltictl("org", "add", "beta").assert_success()
    theirs = {"organization": "beta", "client_id": "b", "invitation": "8e8e"}
    made.integrations.add(things.integration(BETA, **theirs))
    free = Invitation("9f9f", secret_digest("x"), things.NOW, things.NOW)
    made.invitations.add(replace(free, spent_by=ACME))  # the page let a person choose acme
    made.invitations.add(Invitation("8e8e", secret_digest("y"), things.NOW, things.NOW, "beta"))
    return ltictl


def export_of(ltictl: Ltictl, slug: str = "acme") -> dict[str, Any]:
    done = ltictl("org", "export", slug)
    done.assert_success()
    document: dict[str, Any] = json.loads(done.stdout)
    assert_schema(document, "organization.json")
    return document


def test_everything_on_a_school_is_one_document_without_secrets(
    school: Ltictl, profile: Path
) -> None:
    document = export_of(school)

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
        "removed/organizations/acme." in each["document"] for each in export_of(school)["documents"]
    )
    assert school("org", "export", "nobody").code == 4


def test_a_damaged_document_is_named_and_left_out(school: Ltictl, profile: Path) -> None:
    (profile / "integrations" / "acme-broken.toml").write_text("schema = 1\nx =")

    done = school("org", "export", "acme")

    assert done.code == 0
    assert "Left out:" in done.stderr
    assert "acme-broken.toml" in done.stderr


def checked(ltictl: Ltictl) -> dict[str, Any]:
    return dict(ltictl("log", "--check", "--json").data["check"])


def files_naming(root: Path, *names: str) -> list[str]:
    found = []
    for path in root.rglob("*"):
        text = path.name + (path.read_bytes().decode("utf-8", "replace") if path.is_file() else "")
        found += [path.name for name in names if name in text]
    return found


def test_an_erasure_leaves_no_name_and_a_log_that_can_be_checked(
    school: Ltictl, profile: Path
) -> None:
    school("deactivate", ACME, BETA, "--yes").assert_success()  # one entry about two schools
    beta = export_of(school, "beta")

    dry = school("org", "erase", "acme", "--dry-run", "--json")
    assert (profile / "integrations" / f"{ACME}.toml").exists()
    done = school("org", "erase", "acme", "--yes", "--json")

    for each in (dry, done):
        assert_schema(each.data, data_schema("org erase"))
    assert dry.data["documents"] == done.data["documents"]
    assert done.data["lines"] == dry.data["lines"] > 5
    assert (dry.data["alias"], "Signing keys" in done.data["kept"][0]) == (None, True)
    assert files_naming(profile, "acme", "invitations/1a2b", "invitations/9f9f") == []
    assert not list((profile / "removed").rglob("*.*"))
    assert export_of(school, "beta") == beta
    found = checked(school)
    assert (found["broken"], found["open"], found["untold"]) == ([], [], [])
    (erasure,) = found["erasures"]
    assert erasure["alias"] == done.data["alias"]
    entry = school("log", "--action", "erase", "--json").data["entries"][0]
    assert (entry["outcome"], entry["command"]) == ("done", f"ltictl org erase {erasure['alias']}")
    assert school("org", "erase", "acme", "--yes").code == 4
    assert school("org", "erase", "beta", "--yes").code == 0  # the shared entry once more
    assert files_naming(profile, "beta") == []
    found = checked(school)
    assert (found["broken"], len(found["erasures"])) == ([], 2)


def test_an_erasure_is_refused_while_somebody_uses_the_school(
    school: Ltictl, profile: Path
) -> None:
    before = files_of(profile)

    active = school("org", "erase", "acme", "--yes", "--json")
    asked = school("org", "erase", "beta", "--json")

    assert (active.code, active.error["code"]) == (1, "organization_in_use")
    assert "ltictl deactivate acme-moodle" in active.error["fix"]
    assert asked.error["code"] in {"consent_needed", "organization_in_use"}
    assert files_of(profile) == before


def files_of(profile: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()}


def test_a_terminal_shows_what_goes_and_stays_and_asks(school: Ltictl, profile: Path) -> None:
    school("deactivate", ACME, "--yes").assert_success()

    terminal = school.terminal("org", "erase", "acme", columns=80)
    terminal.wait_for("Erase everything on 'acme', for good?")
    terminal.send("n\r")

    assert terminal.wait() == 0
    assert "Nothing was erased." in terminal.text
    assert (profile / "organizations" / "acme.toml").exists()


@pytest.mark.parametrize(
    "forge",
    [
        lambda line: line["body"]["changes"][0].update(organization="innocent"),
        lambda line: line["body"]["author"].update(command="ltictl list"),
        lambda line: line["body"]["author"].update(name="somebody else"),
        lambda line: line["body"].update(action="verify"),
        lambda line: line["body"]["replaced"].update({"changes.0": "00" * 32}),
        lambda line: line["body"]["replaced"].update({"hook": "00" * 32}),
        lambda line: line["body"]["changes"].pop(),
        lambda line: line["body"]["salts"].update(more="00"),
    ],
)
def test_no_line_passes_the_check_by_calling_itself_erased(
    school: Ltictl, profile: Path, forge: Any
) -> None:
    school("deactivate", ACME, "--yes").assert_success()
    school("org", "erase", "acme", "--yes").assert_success()
    assert checked(school)["broken"] == []
    (file,) = (profile / "log").glob("*.ndjson")
    lines = [json.loads(each) for each in file.read_text().splitlines()]
    erased = [line for line in lines if "changes" in line["body"] and "replaced" in line["body"]]

    forge(erased[0])

    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert len(checked(school)["broken"]) == 1


def test_a_line_cannot_be_erased_by_hand_with_the_digest_of_its_part(
    school: Ltictl, profile: Path
) -> None:
    """The digests fit, but no entry accounts for it; one that is changed breaks the chain."""
    school("deactivate", ACME, "--yes").assert_success()
    (file,) = (profile / "log").glob("*.ndjson")
    lines = [json.loads(each) for each in file.read_text().splitlines()]
    number, body = next(
        (at, line["body"]) for at, line in enumerate(lines) if "acme" in str(line["body"])
    )
    hidden = pseudonymised(body, Traces("acme", frozenset({"acme"})), "erased-00000000")
    assert hidden is not None
    lines[number]["body"] = hidden

    file.write_text("".join(json.dumps(each) + "\n" for each in lines))

    (broken,) = checked(school)["broken"]
    assert "no entry accounts for it" in broken


def test_an_erasure_that_was_cut_off_is_completed_by_another(
    school: Ltictl, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies behind the log, before the documents; the next one finds no line to erase."""
    school("deactivate", ACME, "--yes").assert_success()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ltictl.operations.data_protection.erase.clear", die)
        with pytest.raises(KeyboardInterrupt):
            erase_organization(Context(Profile(profile)), "acme")
    assert checked(school)["untold"] == []

    school("org", "erase", "acme", "--yes").assert_success()

    assert files_naming(profile, "acme", "invitations/1a2b", "invitations/9f9f") == []
    found = checked(school)
    assert (found["broken"], found["open"], found["untold"]) == ([], [], [])
