"""``list --needs-attention`` uses stored facts only and gives one line of advice for each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ltictl.lti.vocabulary import SCOPES
from ltictl.model.integration import Scopes, Status
from ltictl.model.invitation import Invitation
from ltictl.operations.checks.verify import verify
from ltictl.operations.context import Context
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin, listening

from .conftest import ASKED, POLICY, Recorded

NOW = datetime.now(UTC).replace(microsecond=0)
FINE = {"verified_at": NOW, "scopes": Scopes(ASKED, ASKED, ASKED)}


def assert_reported(ltictl: Ltictl, *args: str) -> dict[str, str]:
    done = ltictl("list", "--needs-attention", "--json", *args)
    done.assert_success()
    shown = {each["id"] for each in done.data["integrations"]}
    found = done.data["attention"]
    assert shown == {each["id"] for each in found if not each["id"].startswith("invite")}
    assert all(each["fix"] and each["detail"] for each in found)
    return {f"{each['id']} {each['kind']}": each["fix"] for each in found}


@pytest.mark.parametrize(
    ("changes", "kind", "fix"),
    [
        ({}, "", ""),
        ({"deployments": ()}, "no_deployment", "ltictl deployment add acme-moodle"),
        ({"verified_at": None}, "unverified", "ltictl verify acme-moodle"),
        ({"problems": ("token: no",)}, "failing", "ltictl verify acme-moodle"),
        ({"scopes": Scopes(ASKED, ASKED, ASKED[:1])}, "less_granted", "Manage tools"),
        (
            {"status": Status.PENDING, "created_at": NOW - timedelta(days=8)},
            "pending",
            "ltictl activate acme-moodle",
        ),
        ({"status": Status.PENDING}, "", ""),
        ({"status": Status.DISABLED, "deployments": (), "verified_at": None}, "", ""),
    ],
)
def test_each_lack_is_one_line(
    ltictl: Ltictl, recorded: Recorded, changes: dict[str, Any], kind: str, fix: str
) -> None:
    recorded("acme-moodle", **FINE | changes)
    recorded("acme-fine", **FINE)

    found = assert_reported(ltictl)

    assert list(found) == ([f"acme-moodle {kind}"] if kind else [])
    assert all(fix in each for each in found.values())
    assert assert_reported(ltictl, "--status", "active").keys() <= found.keys()


@pytest.mark.parametrize(
    ("age", "valid", "opened", "revoked", "kind"),
    [
        (2, 5, False, False, "never_opened"),
        (2, 5, True, False, "not_finished"),
        (2, -1, False, False, "never_opened"),
        (0, 7, False, False, ""),
        (2, 5, False, True, ""),
        (90, -60, False, False, ""),
    ],
)
def test_invitations_that_nobody_used(
    ltictl: Ltictl,
    context: Context,
    age: int,
    valid: int,
    opened: bool,
    revoked: bool,
    kind: str,
) -> None:
    made = Invitation(
        "invite1",
        "0" * 64,
        NOW - timedelta(days=age),
        NOW + timedelta(days=valid),
        "acme",
        revoked_at=NOW if revoked else None,
        opened_at=NOW if opened else None,
    )
    context.profile.invitations.add(made)

    assert list(assert_reported(ltictl)) == ([f"invite1 {kind}"] if kind else [])


def test_opening_is_noted_once(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform
) -> None:
    running, url = listening(ltictl)
    (identifier,) = context.profile.invitations.ids()
    assert context.profile.invitations.get(identifier).opened_at is None

    admin = Admin(playback.url("configuration"))
    assert admin.open(url).status_code == 200
    first = context.profile.invitations.get(identifier).opened_at
    admin.parameters["registration_token"] = "another"
    admin.open(url)

    assert first is not None
    assert context.profile.invitations.get(identifier).opened_at == first
    running.close()


def test_verify_leaves_the_facts(
    ltictl: Ltictl, context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded("acme-moodle")
    playback.on("token", Answer.json({"error": "invalid_client"}, 400))
    tuple(verify(context, POLICY, ["acme-moodle"]))
    assert list(assert_reported(ltictl)) == ["acme-moodle failing"]

    scopes = {"scope": SCOPES["score"]}
    playback.on("token", Answer.json({"access_token": "x", **scopes}))
    tuple(verify(context, POLICY, ["acme-moodle"]))

    assert list(assert_reported(ltictl)) == ["acme-moodle less_granted"]


def test_for_people_and_pipes(ltictl: Ltictl, recorded: Recorded) -> None:
    recorded("acme-moodle", **FINE | {"deployments": ()})

    lines = ltictl("list", "--needs-attention").stdout.splitlines()

    assert lines[0].split("\t") == ["id", "kind", "detail", "what_to_do"]
    assert lines[1].startswith("acme-moodle\tno_deployment\t")


def test_show_compares_requested_recorded_and_granted_scopes(
    ltictl: Ltictl, recorded: Recorded
) -> None:
    recorded("acme-moodle", verified_at=NOW, scopes=Scopes(ASKED, ASKED, ASKED[:1]))
    recorded("acme-less", scopes=Scopes(ASKED, ASKED[:1]))

    granted, recorded_less = ltictl("show", "acme-moodle"), ltictl("show", "acme-less")

    assert "asked for       lineitem, score" in granted.stdout
    assert "LMS recorded    lineitem, score" in granted.stdout
    assert "tokens carry    lineitem\n" in granted.stdout
    assert "Tokens do not carry what was asked for: score." in granted.stderr
    assert "did not write down what was asked for: score" in recorded_less.stderr
    assert "verified        never" in recorded_less.stdout
    assert "in Moodle (if not done yet): In the course" in granted.stdout
