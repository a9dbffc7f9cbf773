"""Hooks: real scripts, after every kind of change, bounded in time and never hidden."""

import json
import sys
import time
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.operations.hooks import Change, after_change
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl

from .conftest import Register
from .documents import MANUAL, complete, write

TOLD = 'printf "%s:%s\\n" "$LTICTL_ACTION" "$LTICTL_INTEGRATIONS" >> "$(dirname "$0")/told"\n'


def hook(profile: Path, body: str, *arguments: str) -> Path:
    """A script that is the profile's hook; returns what it writes ``told`` into."""
    script = profile.parent / "hook script"
    script.write_text(f"#!/bin/sh\n{body}")
    script.chmod(0o755)
    argv = json.dumps([str(script), *arguments])
    settings = profile / "profile.toml"
    text = settings.read_text()
    settings.write_text(f"{text[: text.index('[hooks]')]}[hooks]\nafter_change = {argv}\n")
    return profile.parent / "told"


def run(profile: Path, timeout: float = 20) -> tuple[str, ...]:
    return after_change(Context(Profile(profile)), Change("test", ("a", "b")), timeout=timeout)


def test_it_runs_after_every_kind_of_change(
    ltictl: Ltictl, register: Register, profile: Path, tmp_path: Path
) -> None:
    told = hook(profile, TOLD)
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

    assert told.read_text().splitlines() == [
        f"register:{identifier}",
        f"activate:{identifier}",
        f"deactivate:{identifier}",
        "rotate:",
        "import:acme-other",
        "apply:acme-blackboard",
        f"remove:{identifier}",
    ]


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
    told = hook(profile, 'printf "%s" "$1" > "$(dirname "$0")/told"\n', "$(id); `id` * a")

    assert run(profile) == ()
    assert told.read_text() == "$(id); `id` * a"


def test_a_failure_is_told_with_what_it_said(profile: Path) -> None:
    hook(profile, "echo 'cannot reload' >&2; exit 3\n")

    (warning,) = run(profile)

    assert "failed with exit code 3. cannot reload" in warning


def test_a_failure_is_a_warning_and_the_change_stays(
    ltictl: Ltictl, register: Register, profile: Path
) -> None:
    identifier = register("acme")["id"]
    hook(profile, "exit 9\n")

    done = ltictl("activate", identifier, "--json")

    assert (done.code, done.json["ok"], done.data["changed"]) == (1, True, [identifier])
    assert "exit code 9" in done.json["warnings"][0]


def test_what_takes_too_long_is_ended_with_all_it_started(profile: Path) -> None:
    told = hook(profile, '(sleep 1; echo late > "$(dirname "$0")/told") &\nsleep 30\n')
    started = time.monotonic()

    (warning,) = run(profile, timeout=0.3)

    assert "did not end within 0.3 s" in warning
    assert time.monotonic() - started < 5
    time.sleep(1.2)
    assert not told.exists()


def test_a_program_that_it_leaves_behind_is_not_waited_for(profile: Path) -> None:
    hook(profile, "sleep 3 &\n")
    started = time.monotonic()

    assert run(profile) == ()
    assert time.monotonic() - started < 2


def test_the_passphrase_is_not_told(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTICTL_KEY_PASSPHRASE", "secret")
    told = hook(profile, 'env > "$(dirname "$0")/told"\n')

    assert run(profile) == ()
    assert "secret" not in told.read_text()
    assert f"LTICTL_PROFILE={profile}" in told.read_text()


@pytest.mark.parametrize("mode", [0o644, None])
def test_it_is_checked_before_the_work_begins(
    ltictl: Ltictl, register: Register, profile: Path, mode: int | None
) -> None:
    identifier = register("acme")["id"]
    hook(profile, "exit 0\n")
    script = profile.parent / "hook script"
    script.unlink() if mode is None else script.chmod(mode)

    done = ltictl("activate", identifier, "--json")

    assert (done.code, done.error["code"]) == (1, "hook_missing")
    assert ltictl("list", "--json").data["integrations"][0]["status"] == "pending"
