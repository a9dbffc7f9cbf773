"""``edit`` and ``restore``: one member changes or a removed integration is back; the rest stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl
from tests.support.schemas import assert_schema, data_schema

ID = "acme-moodle"
TOKEN = "CANARY-ACCESS-TOKEN"


@pytest.fixture
def stored(ltictl: Ltictl, profile: Path) -> Ltictl:
    """A profile with acme's integration and its secrets."""
    made = Profile(profile)
    made.integrations.add(things.integration())
    made.secrets.keep(ID, {"registration_access_token": TOKEN})
    return ltictl


def of(ltictl: Ltictl, identifier: str = ID) -> dict[str, Any]:
    shown = ltictl("show", identifier, "--json")
    shown.assert_success()
    (found,) = shown.data["integrations"]
    assert isinstance(found, dict)
    return found


def test_an_edit_changes_the_member_keeps_the_rest_and_is_in_the_log(
    stored: Ltictl, profile: Path
) -> None:
    before = Profile(profile).integrations.get(ID)
    wanted = ("--set", "token_endpoint=https://new.example/token", "--set", "name=New School")

    planned = stored("edit", ID, *wanted, "--dry-run", "--json")
    assert Profile(profile).integrations.get(ID) == before
    done = stored("edit", ID, *wanted, "--yes", "--json")
    again = stored("edit", ID, *wanted)

    for each in (planned, done):
        assert_schema(each.data, data_schema("edit"))
    assert planned.data["changes"] == done.data["changes"]
    after = Profile(profile).integrations.get(ID)
    assert (after.platform.token_endpoint, after.platform.name) == (
        *("https://new.example/token", "New School"),
    )
    followed = before.platform.audience == before.platform.token_endpoint
    kept = before.platform.audience
    assert after.platform.audience == (after.platform.token_endpoint if followed else kept)
    assert (after.id, after.client_id, after.deployments, after.status) == (
        *(before.id, before.client_id, before.deployments, before.status),
    )
    assert after.verified_at is None
    assert (again.code, again.stderr) == (0, f"{ID} says so already.\n")
    entry = stored("log", "--action", "edit", "--json").data["entries"]
    assert len(entry) == 1
    members = entry[0]["changes"][0]["members"]
    assert members["platform.token_endpoint"]["after"] == "https://new.example/token"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ((), "options_missing"),
        (("--set", "audience"), "invalid_assignment"),
        (("--set", "name=a", "--set", "name=b"), "invalid_assignment"),
        (("--set", "issuer=https://x.example"), "not_editable"),
        (("--set", "token_endpont=https://x.example"), "not_editable"),
        (("--set", "jwks_uri=javascript:alert(1)", "--yes"), "invalid_value"),
        (("--set", "name=New"), "consent_needed"),
    ],
)
def test_a_wrong_edit_changes_nothing(
    stored: Ltictl, profile: Path, wanted: tuple[str, ...], code: str
) -> None:
    document = profile / "integrations" / f"{ID}.toml"
    before = document.read_bytes()

    done = stored("edit", ID, *wanted, "--json")

    assert (done.code, done.error["code"]) == (2, code)
    assert document.read_bytes() == before


def test_a_removed_integration_comes_back_unchanged_with_its_secrets(
    stored: Ltictl, profile: Path
) -> None:
    before = of(stored)
    stored("remove", ID, "--yes").assert_success()
    assert stored("show", ID).code == 4

    planned = stored("restore", ID, "--dry-run")
    assert (planned.code, stored("show", ID).code) == (0, 4)
    unasked = stored("restore", ID, "--json")
    assert unasked.error["code"] == "consent_needed"
    done = stored("restore", ID, "--yes", "--json")

    done.assert_success()
    assert_schema(done.data, data_schema("restore"))
    assert of(stored) | {"updated_at": ""} == before | {"updated_at": ""}
    assert Profile(profile).secrets.get(ID, "registration_access_token") == TOKEN
    assert list((profile / "removed").rglob("*.toml")) == []
    actions = [each["action"] for each in stored("log", ID, "--json").data["entries"]]
    assert actions[-2:] == ["remove", "restore"]
    assert stored("log", "--check").code == 0
    assert TOKEN not in json.dumps(done.json)


def test_a_place_that_is_taken_is_named_and_nothing_changes(stored: Ltictl, profile: Path) -> None:
    assert stored("restore", ID, "--yes", "--json").error["code"] == "already_exists"
    unknown = stored("restore", "acme-canvas", "--yes")
    assert (unknown.code, "Nothing was removed from here." in unknown.stderr) == (4, True)
    stored("remove", ID, "--yes").assert_success()
    mistyped = stored("restore", "acme-moodel", "--yes")
    assert (mistyped.code, ID in mistyped.stderr) == (4, True)

    again = things.integration()
    Profile(profile).integrations.add(replace(again, id="acme-other"))
    taken = stored("restore", ID, "--yes", "--json")
    assert taken.error["code"] == "already_added"
    assert "acme-other" in taken.error["fix"]
    stored("remove", "acme-other", "--yes").assert_success()
    stored("org", "remove", "acme", "--yes").assert_success()

    orphan = stored("restore", ID, "--yes", "--json")

    assert (orphan.code, orphan.error["fix"]) == (4, "Add it first: ltictl org add acme")
    stored("org", "add", "acme").assert_success()
    assert stored("restore", ID, "--yes").code == 0


def test_show_all_shows_the_request_and_the_answer(stored: Ltictl, profile: Path) -> None:
    shown = stored("show", ID, "--all", "--json")
    usual = stored("show", ID, "--json")
    printed = stored("show", ID, "--all")
    Profile(profile).integrations.add(things.integration("acme-old", request="", answer=""))
    old, nothing = (
        stored("show", "acme-old", "--all"),
        stored("show", "acme-old", "--all", "--json"),
    )

    assert_schema(shown.data, data_schema("show"))
    assert shown.data["request"] == {"client_name": "ü"}
    assert shown.data["answer"]["client_id"] == "client-1"
    assert set(usual.data) == {"integrations"}
    assert 'Sent to the LMS\n  {\n    "client_name": "\\u00fc"\n  }\n' in printed.stdout
    assert "Sent to the LMS: not kept (recorded by hand, or by an older ltictl)" in old.stdout
    assert (nothing.data["request"], nothing.data["answer"]) == (None, None)
