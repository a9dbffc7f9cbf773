"""``invitation revoke --all`` and ``--org``: every open link is dead, the others stay."""

from pathlib import Path

import httpx

from tests.support.cli import Ltictl
from tests.support.visit import issued, listening, words


def invite(ltictl: Ltictl, org: str) -> str:
    given = ("--org", org) if org else ()
    done = ltictl("registration-url", *given, "--json")
    done.assert_success()
    return str(done.data["invitation"])


def states(ltictl: Ltictl) -> dict[str, str]:
    found = ltictl("invitation", "list", "--json").data["invitations"]
    return {each["id"]: each["state"] for each in found}


def test_those_of_one_organization_then_the_others(acme: Ltictl) -> None:
    acme("org", "add", "beta")
    own, other, anyones = invite(acme, "acme"), invite(acme, "beta"), invite(acme, "")

    of_one = acme("invitation", "revoke", "--org", "acme", "--yes", "--json")
    assert states(acme) == {own: "revoked", other: "open", anyones: "open"}
    rest = acme("invitation", "revoke", "--all", "--yes", "--json")
    nothing = acme("invitation", "revoke", "--all")

    assert [each["id"] for each in of_one.data["invitations"]] == [own]
    assert {each["id"] for each in rest.data["invitations"]} == {other, anyones}
    assert set(states(acme).values()) == {"revoked"}
    assert (nothing.code, nothing.stderr) == (0, "No invitation is open.\n")


def test_a_running_page_refuses_a_link_that_was_revoked_with_the_others(acme: Ltictl) -> None:
    run, address = listening(acme, "--forever")
    url = issued(acme, address, "--org", "acme")
    assert acme("invitation", "revoke", "--all", "--yes").code == 0

    page = httpx.get(url)

    run.close()
    assert "This registration link was revoked" in words(page)


def test_without_consent_nothing_is_revoked(acme: Ltictl) -> None:
    invitation = invite(acme, "acme")

    unasked = acme("invitation", "revoke", "--all", "--json")

    assert unasked.code == 2
    assert unasked.error["code"] == "consent_needed"
    assert states(acme) == {invitation: "open"}


def test_the_organization_may_be_gone_but_a_mistyped_one_is_named(acme: Ltictl) -> None:
    acme("org", "add", "gone")
    left = invite(acme, "gone")
    assert acme("org", "remove", "gone", "--yes").code == 0

    mistyped = acme("invitation", "revoke", "--org", "acmee", "--yes")
    done = acme("invitation", "revoke", "--org", "gone", "--yes")

    assert (mistyped.code, done.code) == (4, 0)
    assert "Did you mean 'acme'?" in mistyped.stderr
    assert states(acme) == {left: "revoked"}


def test_a_damaged_invitation_hides_only_itself(acme: Ltictl, profile: Path) -> None:
    invitation = invite(acme, "acme")
    (profile / "invitations" / "0badc0de.toml").write_text("schema = 1\n")

    done = acme("invitation", "revoke", "--all", "--yes", "--json")

    assert [each["id"] for each in done.data["invitations"]] == [invitation]
    assert "0badc0de" in " ".join(done.json["warnings"])
