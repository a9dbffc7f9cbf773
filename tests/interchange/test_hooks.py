"""Hooks run as real scripts after every kind of change, with a time limit and visible output."""

import json
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ltictl.errors import LtictlError
from ltictl.lti.keys import generate_key
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.hooks import run_hook
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin

from .conftest import Register
from .documents import MANUAL, complete, write

RECORDING = 'printf "%s:%s\\n" "$LTICTL_ACTION" "$LTICTL_INTEGRATIONS" >> "$(dirname "$0")/calls"\n'


def hook(profile: Path, body: str, *arguments: str) -> Path:
    """A script that is the profile's hook; returns what it writes ``calls`` into."""
    script = profile.parent / "hook script"
    script.write_text(f"#!/bin/sh\n{body}")
    script.chmod(0o755)
    argv = json.dumps([str(script), *arguments])
    settings = profile / "profile.toml"
    text = settings.read_text()
    settings.write_text(f"{text[: text.index('[hooks]')]}[hooks]\nafter_change = {argv}\n")
    return profile.parent / "calls"


def run(profile: Path, timeout: float = 20) -> str | None:
    return run_hook(Context(Profile(profile)), "test", ("a", "b"), timeout=timeout)


def test_it_runs_after_every_kind_of_change(
    ltictl: Ltictl, register: Register, profile: Path, tmp_path: Path
) -> None:
    calls = hook(profile, RECORDING)
    identifier = register("acme")["id"]
    document = write(tmp_path / "d.json", complete("https://lms.invalid", id="acme-other"))
    wanted = write(tmp_path / "w.toml", MANUAL.replace("client-1", "client-9"))
    for args in (
        ("activate", identifier),
        ("activate", identifier),  # nothing changes, so nothing is run
        ("deactivate", identifier, "--yes"),
        ("rotate-keys", "--now", "--yes", "--allow-private"),
        ("import", "json", str(document)),
        ("import", "json", str(document)),
        ("apply", str(wanted), "--yes"),
        ("apply", str(wanted), "--yes"),
        ("remove", identifier, "--yes"),
    ):
        done = ltictl(*args)
        assert done.code == 0, done

    assert calls.read_text().splitlines() == [
        f"register:{identifier}",
        f"activate:{identifier}",
        f"deactivate:{identifier}",
        "rotate:",
        "import:acme-other",
        "apply:acme-blackboard",
        f"remove:{identifier}",
    ]


def test_it_runs_after_changes_by_hand(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    calls = hook(profile, RECORDING)
    journal = Profile(profile).attempts.begin(things.attempt("acme-moodle"))
    journal.note_sent(things.NOW)
    journal.close()
    pem = tmp_path / "key.pem"
    pem.write_bytes(generate_key(2048).pem)
    for args in (
        ("recover", "acme-moodle", "--client-id", "c-1"),
        ("add", "--org", "beta", "--preset", "canvas", "--client-id", "c-2"),
        ("deployment", "add", "beta-canvas", "7"),
        ("deployment", "add", "beta-canvas", "7"),  # nothing changes
        ("deployment", "remove", "beta-canvas", "7", "--yes"),
        ("keys", "import", str(pem)),
    ):
        done = ltictl(*args)
        assert done.code == 0, done

    assert calls.read_text().splitlines() == [
        "register:acme-moodle",
        "add:beta-canvas",
        "deployment:beta-canvas",
        "deployment:beta-canvas",
        "rotate:",
    ]


def test_it_runs_after_an_update_that_was_sent(
    ltictl: Ltictl, profile: Path, playback: PlaybackPlatform
) -> None:
    """At an LMS that lets a tool change its registration, which needs the tool's key set."""
    settings = profile / "profile.toml"
    keys = f'jwks_uri = "{playback.url("/keys")}"'
    settings.write_text(settings.read_text().replace("[tool]\n", f"[tool]\n{keys}\n", 1))
    playback.on("/keys", Answer.json(json.loads(ltictl("jwks").stdout)))
    with Sandbox(family=Like.CANVAS.code) as lms:
        started = lms.lms.start_registration("https://tool.invalid/register?t=x")
        query = parse_qs(urlsplit(started).query)
        done = ltictl(
            *("register", "--org", "acme", "--yes", "--allow-private"),
            *("--openid-configuration", query["openid_configuration"][0]),
            *("--registration-token-file", "-", "--json"),
            input=query["registration_token"][0],
        )
        (integration,) = done.data["integrations"]
        lms.lms.activate(integration["deployments"][0]["id"])
        calls = hook(profile, RECORDING)
        text = settings.read_text()
        settings.write_text(
            text.replace("[hooks]", '[tool.platforms.canvas]\nname = "New"\n[hooks]')
        )
        dry = ltictl("update", integration["id"], "--dry-run", "--allow-private")
        assert (dry.code, calls.exists()) == (0, False)
        sent = ltictl("update", integration["id"], "--yes", "--allow-private")

    assert sent.code == 0, sent
    assert calls.read_text() == f"update:{integration['id']}\n"


def test_after_a_visit_in_a_browser_it_runs_too(
    ltictl: Ltictl, profile: Path, lms: Sandbox
) -> None:
    calls = hook(profile, RECORDING + "echo no >&2; exit 3\n")
    waiting = ltictl.start("register", "--org", "acme", "--port", "0", "--allow-private")
    waiting.wait_for_line("Paste this URL")
    page = httpx.get(lms.lms.start_registration(waiting.next_line().strip()), trust_env=False)
    Admin.press(page)

    done = waiting.wait(30)

    assert calls.read_text() == "register:acme-moodle\n"
    assert (done.code, "failed with exit code 3. no" in done.stderr) == (1, True)


def test_an_update_on_the_page_is_an_update(ltictl: Ltictl, profile: Path, lms: Sandbox) -> None:
    def visit(replaces: str) -> None:
        waiting = ltictl.start("register", "--org", "acme", "--port", "0", "--allow-private")
        waiting.wait_for_line("Paste this URL")
        page = httpx.get(lms.lms.start_registration(waiting.next_line().strip()), trust_env=False)
        Admin.press(page, replaces=replaces)
        assert waiting.wait(30).code == 0

    visit("")
    calls = hook(profile, RECORDING)
    visit("acme-moodle")

    assert calls.read_text() == "update:acme-moodle\n"


def test_the_hook_runs_for_a_change_that_was_made_before_a_failure(profile: Path) -> None:
    calls = hook(profile, RECORDING)
    context = Context(Profile(profile))

    def fail_half_way() -> None:
        with changed(context, Action.APPLY) as change:
            change.note("one", "two")
            change.note("one")
            raise LtictlError("cannot_write", "The disk is full.")

    with pytest.raises(LtictlError, match="full"):
        fail_half_way()

    assert calls.read_text() == "apply:one two\n"


def test_without_a_change_the_hook_does_not_run(profile: Path) -> None:
    calls = hook(profile, RECORDING)

    with changed(Context(Profile(profile)), Action.IMPORT):
        pass

    assert not calls.exists()


def test_a_hook_can_export(ltictl: Ltictl, register: Register, profile: Path) -> None:
    """The use that it is made for; the profile is the one of the run."""
    command = f'exec "{sys.executable}" -m ltictl export json --output "$1"\n'
    target = profile.parent / "out.json"
    hook(profile, f'export PYTHONPATH="{Path.cwd()}:$PYTHONPATH"\n{command}', str(target))

    done = ltictl("activate", register("acme")["id"], "--json")

    assert (done.code, done.json["warnings"]) == (0, [])
    assert [each["id"] for each in json.loads(target.read_text())["integrations"]] == [
        "acme-moodle"
    ]


def test_no_shell_reads_its_arguments(profile: Path) -> None:
    calls = hook(profile, 'printf "%s" "$1" > "$(dirname "$0")/calls"\n', "$(id); `id` * a")

    assert run(profile) is None
    assert calls.read_text() == "$(id); `id` * a"


def test_a_failure_is_shown_with_the_hooks_words(profile: Path) -> None:
    hook(profile, "echo 'cannot reload' >&2; exit 3\n")

    warning = run(profile)

    assert "failed with exit code 3. cannot reload" in str(warning)


def test_a_failure_is_a_warning_and_the_change_stays(
    ltictl: Ltictl, register: Register, profile: Path
) -> None:
    identifier = register("acme")["id"]
    hook(profile, "exit 9\n")

    done = ltictl("activate", identifier, "--json")

    assert (done.code, done.json["ok"]) == (1, False), done
    assert done.error["code"] == "hook_failed"
    assert done.data["changed"] == [identifier]
    assert "exit code 9" in done.json["warnings"][0]


def test_what_takes_too_long_is_ended_with_all_it_started(profile: Path) -> None:
    calls = hook(profile, '(sleep 1; echo late > "$(dirname "$0")/calls") &\nsleep 30\n')

    warning = run(profile, timeout=0.3)

    assert "did not end within 0.3 s" in str(warning)
    time.sleep(1.2)
    assert not calls.exists()


def test_a_program_that_it_leaves_behind_is_not_waited_for(profile: Path) -> None:
    calls = hook(profile, '(sleep 3; echo late > "$(dirname "$0")/calls") &\n')

    assert run(profile) is None
    assert not calls.exists()


def test_a_hook_does_not_get_the_passphrase(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTICTL_KEY_PASSPHRASE", "secret")
    calls = hook(profile, 'env > "$(dirname "$0")/calls"\n')

    assert run(profile) is None
    assert "secret" not in calls.read_text()
    assert f"LTICTL_PROFILE={profile}" in calls.read_text()


OF_A_CHANGE = [
    ("register", "--org", "acme", "--port", "0"),
    ("register", "--org", "acme", "--yes", "--openid-configuration", "https://lms.invalid/c"),
    ("activate", "acme-moodle"),
    ("deactivate", "acme-moodle", "--yes"),
    ("update", "acme-moodle", "--yes"),
    ("remove", "acme-moodle", "--yes"),
    ("rotate-keys", "--now", "--yes"),
    ("rotate-keys", "--compromised", "KID", "--yes"),
    ("keys", "import", "key.pem"),
    ("recover", "acme-moodle-2", "--client-id", "c-1"),
    ("add", "--org", "beta", "--preset", "canvas", "--client-id", "c-2"),
    ("deployment", "add", "acme-moodle", "7"),
    ("deployment", "remove", "acme-moodle", "1", "--yes"),
    ("import", "json", "held.json"),
    ("apply", "wanted.toml", "--yes"),
]


@pytest.mark.parametrize("args", OF_A_CHANGE, ids=lambda args: " ".join(args[:3]))
def test_it_is_checked_before_the_work_begins(
    ltictl: Ltictl, profile: Path, args: tuple[str, ...]
) -> None:
    held = Profile(profile)
    there = things.integration()  # one that its LMS lets the tool change
    held.integrations.add(replace(there, client_uri=f"{there.platform.issuer}/client"))
    held.secrets.keep(there.id, {"registration_access_token": "secret"})
    journal = held.attempts.begin(things.attempt("acme-moodle-2"))
    journal.note_sent(things.NOW)
    journal.close()
    write(ltictl.home.path / "held.json", complete("https://lms.invalid", id="acme-other"))
    write(ltictl.home.path / "wanted.toml", MANUAL)
    (ltictl.home.path / "key.pem").write_bytes(generate_key(2048).pem)
    (ltictl.home.path / "key.pem").chmod(0o600)
    hook(profile, "exit 0\n")
    (profile.parent / "hook script").chmod(0o644)
    (kid,) = held.signing_keys.ids()
    before = {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()}

    done = ltictl(*(kid if word == "KID" else word for word in args), "--json")

    assert (done.code, done.error["code"]) == (1, "hook_missing")
    assert {path: path.read_bytes() for path in before} == before
    fresh = {path for path in profile.rglob("*") if path.is_file()} - set(before)
    assert {path.name for path in fresh} <= {".lock", ".lock.holder"}


def test_one_that_is_not_there_is_noticed_as_well(ltictl: Ltictl, profile: Path) -> None:
    Profile(profile).integrations.add(things.integration())
    hook(profile, "exit 0\n")
    (profile.parent / "hook script").unlink()

    done = ltictl("activate", "acme-moodle", "--json")

    assert (done.code, done.error["code"]) == (1, "hook_missing")
