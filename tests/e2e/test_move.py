"""``move``: an LMS at a new address keeps id, client, deployments and history here."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.integration import FormerClient, Status
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.answers import Answer
from tests.support.cli import Home
from tests.support.in_process import Call, Run, run
from tests.support.playback import PlaybackPlatform
from tests.support.schemas import assert_schema, data_schema

ID = "acme-moodle"
OLD = things.LMS
NEW = "https://new.example"
MOVE = ("move", ID, "--issuer", NEW)


__all__ = ["run"]


@pytest.fixture
def stored(run: Run, home: Home, profile: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ltictl with acme's integration, which has a former client."""
    monkeypatch.setenv("LTICTL_HOME", str(home.ltictl_home))
    monkeypatch.delenv("LTICTL_ALLOW_PRIVATE")
    Profile(profile).integrations.add(things.integration())
    return run


def assert_done(call: Call) -> None:
    assert call.code == 0, (call.stdout, call.stderr)


def export(ltictl: Run, form: str, folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    done = ltictl("export", form, "--output", str(folder / "lti.json"), "--all", "--json")
    assert_done(done)
    return json.loads((folder / "lti.json").read_text())


def test_a_move_rewrites_the_addresses_and_keeps_all_else(stored: Run, profile: Path) -> None:
    before = Profile(profile).integrations.get(ID)

    planned = stored(*MOVE, "--dry-run", "--json")
    assert Profile(profile).integrations.get(ID) == before
    done = stored(*MOVE, "--yes", "--json")
    again = stored(*MOVE)

    for each in (planned, done):
        assert_schema(each.envelope["data"], data_schema("move"))
    assert planned.envelope["data"]["changes"] == done.envelope["data"]["changes"]
    after = Profile(profile).integrations.get(ID)
    assert {after.platform.issuer, after.platform.host} == {NEW, "new.example"}
    assert after.platform.token_endpoint == f"{NEW}/token"
    assert after.platform.audience == f"{NEW}/audience"
    assert after.client_uri == f"{NEW}/r/1"
    kept = ("id", "client_id", "deployments", "status", "created_at", "scopes", "answer", "former")
    assert [getattr(after, each) for each in kept] == [getattr(before, each) for each in kept]
    assert (after.verified_at, after.problems, after.lms_switch) == (None, (), None)
    assert (again.code, "already" in again.stderr) == (0, True)
    entries = stored("log", ID, "--action", "move", "--json").envelope["data"]["entries"]
    assert len(entries) == 1
    assert entries[0]["changes"][0]["members"]["platform.issuer"] == {"before": OLD, "after": NEW}
    assert "former issuers" in stored("show", ID).stdout


def test_exports_accept_both_addresses_until_the_time_is_over(
    stored: Run, profile: Path, tmp_path: Path
) -> None:
    done = stored(*MOVE, "--yes", "--json")
    until = done.envelope["data"]["accepted_until"]

    clients = export(stored, "pylti1p3", tmp_path / "py")
    assert {issuer: {each["client_id"] for each in found} for issuer, found in clients.items()} == {
        NEW: {"client-1", "client-0"},
        OLD: {"client-1", "client-0"},
    }
    assert {each["key_set_url"] for each in clients[OLD]} == {f"{OLD}/jwks"}
    rows = [each["fields"] for each in export(stored, "django-lti", tmp_path / "dj")]
    registrations = [each for each in rows if "client_id" in each]
    assert len({each["uuid"] for each in registrations}) == len(registrations) == 4
    complete = export(stored, "json", tmp_path / "js")["integrations"][0]
    assert {each["accepted_until"] for each in complete["former_addresses"]} == {until}
    printed = stored("export", "ltijs", "--all").stderr
    assert "delete it there then" in printed

    integrations = Profile(profile).integrations
    integrations.change(ID, _ended)

    assert set(export(stored, "pylti1p3", tmp_path / "py")) == {NEW}
    assert "exported until" in stored("show", ID).stdout


def _ended(one: Any) -> Any:
    over = things.NOW - timedelta(days=900)
    ended = (replace(each, accepted_until=over) for each in one.former_addresses)
    return replace(one, former_addresses=tuple(ended))


def test_the_time_can_be_chosen_and_ended_later(stored: Run, tmp_path: Path) -> None:
    assert_done(stored(*MOVE, "--yes", "--accept-former", "90d"))
    assert OLD in export(stored, "pylti1p3", tmp_path / "py")

    ended = stored(*MOVE, "--accept-former", "none", "--yes", "--json")

    assert_done(ended)
    assert [each["member"] for each in ended.envelope["data"]["changes"]] == ["accepted_until"]
    assert ended.envelope["data"]["accepted_until"] is None
    assert set(export(stored, "pylti1p3", tmp_path / "py")) == {NEW}


def test_an_lms_that_moves_back_has_its_first_address_once(stored: Run, profile: Path) -> None:
    assert_done(stored(*MOVE, "--yes"))
    assert_done(stored("move", ID, "--issuer", OLD, "--yes"))
    assert_done(stored(*MOVE, "--yes"))

    integration = Profile(profile).integrations.get(ID)

    assert [each.platform.issuer for each in integration.former_addresses] == [OLD, OLD]
    assert [each.client_id for each in integration.former_addresses] == ["client-1", "client-0"]


def test_an_export_in_json_carries_the_former_address_to_another_profile(
    stored: Run, profile: Path, tmp_path: Path
) -> None:
    assert_done(stored(*MOVE, "--yes"))
    export(stored, "json", tmp_path / "js")
    before = Profile(profile).integrations.get(ID)
    other = ("--profile", "other")
    assert_done(stored(*other, "init", "--name", "Other", "--url", "https://other.invalid"))

    assert_done(stored(*other, "import", "json", str(tmp_path / "js" / "lti.json")))

    after = Profile(profile.with_name("other")).integrations.get(ID)
    assert after.former_addresses == before.former_addresses


@pytest.mark.parametrize("scope", [(), ("--org", "acme")])
def test_all_integrations_of_the_former_issuer_move_as_one_change(
    stored: Run, profile: Path, scope: tuple[str, ...]
) -> None:
    made = Profile(profile)
    add_organization(Context(made), "beta")
    shared = replace(things.integration("beta-moodle"), organization="beta", deployments=())
    made.integrations.add(shared)
    elsewhere = replace(things.PLATFORM, issuer="https://other.example")
    made.integrations.add(things.integration("acme-other", platform=elsewhere))

    done = stored("move", "--from", OLD, "--issuer", NEW, *scope, "--yes", "--json")

    assert_done(done)
    moved = {each["id"] for each in done.envelope["data"]["integrations"]}
    assert moved == ({ID} if scope else {ID, "beta-moodle"})
    assert made.integrations.get("acme-other").platform.issuer == "https://other.example"
    assert len(stored("log", "--action", "move", "--json").envelope["data"]["entries"]) == 1
    again = stored("move", "--from", OLD, "--issuer", NEW, *scope, "--yes")
    assert (again.code, "Nothing to do" in again.stderr or bool(scope)) == (0, True)


@pytest.mark.parametrize(
    ("given", "code", "error"),
    [
        ((), 2, "options_missing"),
        ((ID,), 2, "options_missing"),
        ((ID, "--from", OLD, "--issuer", NEW), 2, "options_missing"),
        ((ID, "--org", "acme", "--issuer", NEW), 2, "options_missing"),
        ((ID, "--issuer", "new.example"), 2, "invalid_value"),
        ((ID, "--issuer", "http://new.example"), 2, "invalid_value"),
        ((ID, "--issuer", f"{NEW}?a=b"), 2, "invalid_value"),
        ((ID, "--issuer", "javascript:alert(1)"), 2, "invalid_value"),
        ((ID, "--issuer", NEW), 2, "consent_needed"),
        ((ID, "--issuer", NEW, "--accept-former", "0d"), 2, "invalid_value"),
        (("nobody", "--issuer", NEW, "--yes"), 4, "no_such_integration"),
        (("--from", f"{OLD}/", "--issuer", NEW, "--yes"), 4, "no_such_integration"),
        (("--from", OLD, "--org", "beta", "--issuer", NEW), 4, "no_such_organization"),
        ((ID, "--issuer", NEW, "--from-configuration", "https://10.1.2.3/c"), 3, "address_private"),
        (
            (ID, "--issuer", NEW, "--from-configuration", "http://x.example/c"),
            3,
            "address_not_https",
        ),
    ],
)
def test_a_wrong_move_changes_nothing(
    stored: Run, profile: Path, given: tuple[str, ...], code: int, error: str
) -> None:
    document = profile / "integrations" / f"{ID}.toml"
    before = document.read_bytes()

    done = stored("move", *given, "--json")

    assert (done.code, done.envelope["error"]["code"]) == (code, error)
    assert document.read_bytes() == before


def test_another_integration_of_the_client_at_the_new_address_is_named(
    stored: Run, profile: Path
) -> None:
    there = replace(things.PLATFORM, issuer=NEW)
    Profile(profile).integrations.add(things.integration("acme-other", platform=there))

    done = stored(*MOVE, "--yes", "--json")

    assert (done.code, done.envelope["error"]["code"]) == (1, "already_added")
    assert "ltictl remove acme-other" in done.envelope["error"]["fix"]
    assert Profile(profile).integrations.get(ID).platform.issuer == OLD


def test_a_deployment_that_another_organization_has_there_stops_the_move(
    stored: Run, profile: Path
) -> None:
    made = Profile(profile)
    add_organization(Context(made), "beta")
    there = replace(things.PLATFORM, issuer=NEW)
    made.integrations.add(things.integration("beta-moodle", organization="beta", platform=there))

    done = stored(*MOVE, "--yes", "--json")

    assert (done.code, done.envelope["error"]["code"]) == (1, "deployment_taken")


def test_a_former_client_with_a_token_endpoint_of_its_own_moves_too(
    stored: Run, profile: Path
) -> None:
    own = replace(things.PLATFORM, token_endpoint=f"{OLD}/token/0")
    integrations = Profile(profile).integrations
    integrations.change(
        ID, lambda one: replace(one, former_clients=(FormerClient("client-0", own),))
    )

    assert_done(stored(*MOVE, "--yes"))

    (former,) = integrations.get(ID).former
    assert former.platform is not None
    assert former.platform.token_endpoint == f"{NEW}/token/0"


def at(playback: PlaybackPlatform, **changes: Any) -> tuple[str, ...]:
    playback.configuration |= changes
    url = playback.url("configuration")
    return ("--from-configuration", f"{url}?t=CANARY-SECRET", "--allow-private")


def test_the_endpoints_come_from_the_configuration_if_it_is_named(
    stored: Run, profile: Path, playback: PlaybackPlatform
) -> None:
    issuer = playback.url("/").rstrip("/")

    done = stored("move", ID, "--issuer", issuer, *at(playback), "--yes", "--json")

    assert_done(done)
    platform = Profile(profile).integrations.get(ID).platform
    assert platform.token_endpoint == playback.url("token")
    assert platform.configuration_url == playback.url("configuration")
    said = stored("log", "--json").stdout + stored("show", ID).stdout + done.stdout
    assert "CANARY-SECRET" not in said
    assert done.envelope["warnings"] == []


def test_a_configuration_of_another_issuer_is_refused(
    stored: Run, profile: Path, playback: PlaybackPlatform
) -> None:
    done = stored("move", ID, "--issuer", NEW, *at(playback), "--yes", "--json")

    assert (done.code, done.envelope["error"]["code"]) == (3, "other_issuer")
    assert "CANARY-SECRET" not in done.stdout
    assert Profile(profile).integrations.get(ID).platform.issuer == OLD


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            Answer(200, {"Content-Type": "text/html"}, b"<title>Log in</title>"),
            "configuration_not_json",
        ),
        (Answer(200, {"Content-Type": "application/json"}, b"[]"), "configuration_not_json"),
        (Answer(404, {}, b""), "configuration_unavailable"),
        (Answer.json({"issuer": NEW}), "issuer_mismatch"),
        (Answer.redirect("https://elsewhere.example/c"), "redirect_refused"),
    ],
)
def test_an_answer_that_is_no_configuration_changes_nothing(
    stored: Run, profile: Path, playback: PlaybackPlatform, answer: Answer, code: str
) -> None:
    playback.on("configuration", answer)

    done = stored("move", ID, "--issuer", NEW, *at(playback), "--yes", "--json")

    assert (done.code, done.envelope["error"]["code"]) == (3, code)
    assert "registration in the LMS again" not in done.envelope["error"]["fix"]
    assert Profile(profile).integrations.get(ID).platform.issuer == OLD


def test_a_profile_that_cannot_be_written_is_an_error(stored: Run, profile: Path) -> None:
    integrations = profile / "integrations"
    document = integrations / f"{ID}.toml"
    before = document.read_bytes()
    log = profile / "log"
    log.mkdir(exist_ok=True)
    for each in log.iterdir():
        each.unlink()
    log.rmdir()
    log.write_text("in the way")  # root may write everywhere, so permissions prove nothing

    done = stored(*MOVE, "--yes", "--json")

    assert done.code != 0
    assert done.envelope["error"]["code"] in {"cannot_write", "cannot_read", "not_a_plain_file"}
    assert document.read_bytes() == before


def test_any_status_stays(stored: Run, profile: Path) -> None:
    assert_done(stored("deactivate", ID, "--yes"))

    assert_done(stored(*MOVE, "--yes"))

    assert Profile(profile).integrations.get(ID).status is Status.DISABLED
