"""``log``: every change has an entry, even if its process dies, and tampering shows."""

import json
import re
import signal
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.integration import Status
from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl
from tests.support.schemas import assert_schema

SECRET = "CANARY-SECRET"


@pytest.fixture
def stored(ltictl: Ltictl, profile: Path) -> Ltictl:
    """A profile with acme's integration."""
    pending = replace(things.integration(), status=Status.PENDING, activated_at=None)
    Profile(profile).integrations.add(pending)
    return ltictl


def entries(ltictl: Ltictl, *arguments: str) -> list[dict[str, Any]]:
    done = ltictl("log", *arguments, "--json")
    done.assert_success()
    found: list[dict[str, Any]] = done.data["entries"]
    return found


def check(ltictl: Ltictl) -> dict[str, Any]:
    found: dict[str, Any] = ltictl("log", "--check", "--json").data["check"]
    return found


def set_hook(profile: Path, *argv: str) -> None:
    settings = profile / "profile.toml"
    text = settings.read_text()
    line = f"[hooks]\nafter_change = {json.dumps(argv)}\n"
    settings.write_text(text[: text.index("[hooks]")] + line)


def script(folder: Path, body: str) -> str:
    file = folder / "hook"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o700)
    return str(file)


def test_a_day_of_changes_is_shown_with_author_members_and_outcome(
    stored: Ltictl, profile: Path
) -> None:
    by = {"LTICTL_ACTOR": "Ada, ticket 4711", "CI_JOB_URL": "https://ci.example/-/jobs/7"}
    stored("activate", "acme-moodle", env=by).assert_success()
    stored("activate", "acme-moodle").assert_success()  # nothing changes, so there is no entry
    stored("org", "rename", "acme", "--name", "Acme College").assert_success()
    invited = stored("registration-url", "--org", "acme", "--json").data
    stored("invitation", "revoke", "--all", "--yes").assert_success()
    stored("rotate-keys", "--now", "--yes").assert_success()
    stored("remove", "acme-moodle", "--yes").assert_success()

    listed = entries(stored)

    actions = [each["action"] for each in listed][-6:]
    assert actions == [
        *("activate", "rename", "registration-url", "invitation revoke", "rotate-keys", "remove")
    ]
    assert {each["outcome"] for each in listed} == {"done"}
    activated = listed[-6]
    assert activated["author"] | {"user": "", "host": ""} == {
        "name": "Ada, ticket 4711",
        "user": "",
        "host": "",
        "job": "https://ci.example/-/jobs/7",
    }
    assert activated["command"] == "ltictl activate acme-moodle"
    (change,) = activated["changes"]
    assert change["members"]["status"] == {"before": "pending", "after": "active"}
    assert listed[-1]["changes"][0] | {"members": {}} == {
        "document": "integrations/acme-moodle",
        "what": "removed",
        "organization": "acme",
        "made": True,
        "members": {},
    }
    secret = invited["url"].rpartition(".")[2]
    written = "".join(file.read_text() for file in (profile / "log").glob("*.ndjson"))
    assert secret not in written
    for each in listed:
        assert_schema(each, "things.json#/$defs/log_entry")
    found = check(stored)
    assert (found["broken"], found["open"], found["untold"]) == ([], [], [])


def test_it_is_searched_by_thing_organization_kind_and_time(stored: Ltictl) -> None:
    stored("org", "add", "beta").assert_success()
    stored("activate", "acme-moodle").assert_success()

    assert [each["action"] for each in entries(stored, "beta")] == ["org add"]
    assert [each["action"] for each in entries(stored, "--org", "beta")] == ["org add"]
    assert [each["action"] for each in entries(stored, "--action", "act")] == ["activate"]
    assert entries(stored, "--since", "1h")[-1]["action"] == "activate"
    assert entries(stored, "--since", "2999-01-01") == []
    assert "activate" in stored("log", "acme-moodle").stdout
    wrong = stored("log", "--since", "yesterday")
    assert (wrong.code, "Write 7d, 2026-01-31" in wrong.stderr) == (2, True)
    assert stored("log", "acme-moodel").code == 4
    assert stored("log", "--check", "--follow").code == 2


def test_an_action_that_no_entry_has_is_answered_with_those_that_there_are(stored: Ltictl) -> None:
    stored("activate", "acme-moodle").assert_success()
    stored("org", "rename", "acme", "--name", "Acme College").assert_success()

    assert "'activat ed'; the others have " in stored("log", "--action", "activat ed").stderr
    assert "activate, " in stored("log", "--action", "activat ed").stderr


def test_an_address_in_the_command_keeps_no_query(stored: Ltictl) -> None:
    address = f"https://lms.example/jwks?k={SECRET}"
    given = ("--issuer", "https://lms.example", "--client-id", "c", "--org", "acme")
    endpoints = ("--authorization-endpoint", "https://lms.example/a", "--jwks-uri", address)
    stored("add", *given, *endpoints, "--token-endpoint", "https://lms.example/t").assert_success()

    assert SECRET not in entries(stored)[-1]["command"]
    assert "https://lms.example/jwks?..." in entries(stored)[-1]["command"]


Tamper = Callable[[list[str]], list[str]]


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(
            lambda lines: [lines[0].replace('"org add"', '"org rm"'), *lines[1:]], id="body"
        ),
        pytest.param(lambda lines: [lines[0].replace("T", "t", 1), *lines[1:]], id="head"),
        pytest.param(lambda lines: lines[1:], id="first-taken-out"),
        pytest.param(lambda lines: [*lines[:1], *lines[2:]], id="one-taken-out"),
        pytest.param(lambda lines: [lines[1], lines[0], *lines[2:]], id="order"),
        pytest.param(lambda lines: [lines[0], *lines], id="twice"),
        pytest.param(lambda lines: ["{}", *lines[1:]], id="damaged"),
    ],
)
def test_tampering_shows_and_keeps_nobody_from_working(
    ltictl: Ltictl, profile: Path, tamper: Tamper
) -> None:
    ltictl("org", "add", "beta").assert_success()
    ltictl("org", "add", "gamma").assert_success()
    (file,) = (profile / "log").glob("*.ndjson")
    at = next(n for n, line in enumerate(file.read_text().splitlines()) if "org add" in line)
    lines = file.read_text().splitlines()
    file.write_text("".join(f"{each}\n" for each in [*lines[:at], *tamper(lines[at:])]))

    checked = ltictl("log", "--check", "--json")
    doctor = ltictl("doctor", "--offline", "--json")

    assert (checked.code, checked.error["code"]) == (8, "log_broken")
    assert checked.data["check"]["broken"]
    (verdict,) = [each for each in doctor.data["checks"] if each["id"] == "log"]
    assert verdict["result"] == "fail"
    assert ltictl("org", "add", "delta").code == 0
    assert "delta" in ltictl("log").stdout


def test_a_process_that_dies_in_its_hook_leaves_an_entry_that_the_next_command_completes(
    stored: Ltictl, profile: Path, tmp_path: Path
) -> None:
    set_hook(profile, script(tmp_path, "kill -9 $PPID"))
    died = stored("activate", "acme-moodle")
    assert died.code == -signal.SIGKILL

    (opened,) = check(stored)["open"]
    doctor = stored("doctor", "--offline", "--json").data["checks"]
    assert [each["result"] for each in doctor if each["id"] == "log"] == ["warn"]
    set_hook(profile)
    stored("org", "add", "beta").assert_success()

    (entry,) = entries(stored, "--action", "activate")
    assert (entry["id"], entry["outcome"]) == (opened, "interrupted")
    assert [each["made"] for each in entry["changes"]] == [True]
    found = check(stored)
    assert (found["broken"], found["open"]) == ([], [])


def test_the_hook_s_failure_is_shown(stored: Ltictl, profile: Path, tmp_path: Path) -> None:
    set_hook(profile, script(tmp_path, "echo broken; exit 3"))

    assert stored("activate", "acme-moodle").code == 1

    (entry,) = entries(stored, "--action", "activate")
    assert (entry["outcome"], entry["integrations"]) == ("done", ["acme-moodle"])
    assert "failed with exit code 3. broken" in entry["hook"]


def test_what_an_editor_changed_is_found_and_added(stored: Ltictl, profile: Path) -> None:
    file = profile / "integrations" / "acme-moodle.toml"
    file.write_text(re.sub('status = "[a-z]*"', 'status = "disabled"', file.read_text()))
    (untold,) = check(stored)["untold"]
    assert (untold["member"], untold["told"], untold["found"]) == ("status", "pending", "disabled")
    doctor = stored("doctor", "--offline", "--json").data["checks"]
    assert [each["result"] for each in doctor if each["id"] == "log"] == ["warn"]

    stored("log", "--complete").assert_success()

    noticed = entries(stored, "acme-moodle")[-1]
    assert noticed["action"] == "noticed"
    assert noticed["changes"][0]["members"]["status"] == {"before": "pending", "after": "disabled"}
    assert check(stored)["untold"] == []
    assert tomllib.loads(file.read_text())["status"] == "disabled"


def test_following_prints_a_line_of_json_for_each_new_entry(ltictl: Ltictl, profile: Path) -> None:
    assert profile.exists()
    ltictl("org", "add", "beta").assert_success()
    running = ltictl.start("log", "--follow", "--json")
    first = json.loads(running.next_line("stdout"))
    while first["action"] != "org add":
        first = json.loads(running.next_line("stdout"))
    ltictl("org", "add", "gamma").assert_success()

    second = json.loads(running.next_line("stdout"))
    running.send_signal(signal.SIGINT)
    done = running.wait(20)

    assert first["changes"][0]["document"] == "organizations/beta"
    assert second["changes"][0]["document"] == "organizations/gamma"
    assert done.code == 130
    assert "Traceback" not in done.stderr
