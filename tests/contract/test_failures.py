"""Failures in an existing profile: exit code, code and envelope, for every command."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ltictl.cli.catalogue import COMMANDS
from ltictl.errors import ExitCode
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.lock import locked
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl
from tests.support.in_process import Run
from tests.support.schemas import assert_schema, data_schema


@dataclass(frozen=True)
class Failure:
    """A command line, and its right outcome."""

    argv: Sequence[str]
    code: int
    word: str
    stdin: str = ""


DAMAGED = "acme-broken"
FAILURES = {
    "init": Failure(("--name", "T", "--url", "https://tool.invalid"), 1, "profile_exists"),
    "config": Failure(("--profile", "not/a/profile"), 9, "no_profile"),
    "completion": Failure(("tcsh",), 2, "usage"),
    "help": Failure(("nonsense",), 4, "no_such_topic"),
    "profile list": Failure(("--profile", "not:a:name"), 2, "invalid_value"),
    "profile use": Failure(("nobody",), 4, "no_such_profile"),
    "profile path": Failure(("--profile", "not:a:name"), 2, "invalid_value"),
    "org add": Failure(("acme",), 1, "already_exists"),
    "org list": Failure(("--profile", "not/a/profile"), 9, "no_profile"),
    "org show": Failure(("nobody",), 4, "no_such_organization"),
    "org rename": Failure(("nobody", "--name", "N"), 4, "no_such_organization"),
    "org remove": Failure(("nobody", "--yes"), 4, "no_such_organization"),
    "registration-url": Failure(("--org", "nobody"), 4, "no_such_organization"),
    "register": Failure(
        ("--org", "acme", "--yes", "--openid-configuration", "http://127.0.0.1:1/c"),
        3,
        "not_connected",
    ),
    "recover": Failure(("nobody",), 4, "no_such_attempt"),
    "invitation list": Failure(("--profile", "not/a/profile"), 9, "no_profile"),
    "invitation revoke": Failure(("nobody",), 4, "no_such_invitation"),
    "relay-page": Failure(("--output", "no/such/folder/relay.html"), 1, "cannot_write"),
    "lms-config": Failure(("nobody",), 4, "no_such_family"),
    "add": Failure(("--org", "acme", "--preset", "canvas"), 2, "value_needed"),
    "deployment add": Failure(("nobody", "1"), 4, "no_such_integration"),
    "deployment list": Failure(("nobody",), 4, "no_such_integration"),
    "deployment remove": Failure(("acme-moodle", "nothing", "--yes"), 4, "no_such_deployment"),
    "list": Failure(("--org", "nobody"), 4, "no_such_organization"),
    "show": Failure((DAMAGED,), 9, "damaged_document"),
    "activate": Failure(("nobody",), 4, "no_such_integration"),
    "deactivate": Failure(("acme-moodle",), 2, "consent_needed"),
    "verify": Failure((), 2, "options_missing"),
    "update": Failure(("acme-moodle", "--dry-run"), 1, "update_not_offered"),
    "remove": Failure(("acme-moodle", "--at-lms", "--yes"), 1, "removal_not_offered"),
    "log": Failure(("nobody",), 4, "no_such_integration"),
    "edit": Failure(("acme-moodle", "--set", "audience"), 2, "invalid_assignment"),
    "move": Failure(("acme-moodle", "--issuer", "lms.example"), 2, "invalid_value"),
    "diff": Failure(("nobody", "nobody"), 9, "no_profile"),
    "refresh": Failure(("nobody",), 4, "no_such_integration"),
    "restore": Failure(("nobody", "--yes"), 4, "no_such_removed_integration"),
    "metrics": Failure(("--output", "no/such/folder/ltictl.prom"), 1, "cannot_write"),
    "report": Failure(("--output", "no/such/folder/report.html"), 1, "cannot_write"),
    "serve": Failure(("--profile", "not/a/profile"), 9, "no_profile"),
    "doctor": Failure(("--ca-file", "not/a/file"), 2, "ca_file_unusable"),
    "lms login": Failure(
        ("nobody", "--platform", "https://lms.invalid"), 4, "no_such_organization"
    ),
    "lms status": Failure(("acme-moodle",), 8, "lms_not_read"),
    "lms activate": Failure(("acme-moodle",), 2, "consent_needed"),
    "lms deactivate": Failure(("nobody", "--yes"), 4, "no_such_integration"),
    "lms deploy": Failure(("acme-moodle", "--yes"), 4, "lms_token_missing"),
    "lms deployments": Failure(("acme-moodle",), 4, "lms_token_missing"),
    "lms accept-update": Failure(("acme-moodle", "--yes"), 4, "lms_token_missing"),
    "lms script": Failure(("nobody",), 4, "no_such_family"),
    "org erase": Failure(("acme", "--yes"), 9, "damaged_document"),
    "org export": Failure(("nobody",), 4, "no_such_organization"),
    "export": Failure(("pylti1p3",), 2, "secret_on_stdout"),
    "import": Failure(("json", "not/a/file"), 4, "no_such_file"),
    "apply": Failure(("not/a/file",), 4, "no_such_file"),
    "rotate-keys": Failure(("--compromised", "nobody", "--yes"), 4, "no_such_signing_key"),
    "keys list": Failure(("--profile", "not/a/profile"), 9, "no_profile"),
    "keys import": Failure(("not/a/file",), 2, "file_unreadable"),
    "keys encrypt": Failure(("nobody",), 4, "no_such_signing_key"),
    "keys reseal": Failure((), 2, "passphrase_missing"),
    "store check": Failure(("--profile", "ftp://bucket/prod"), 2, "unknown_store_scheme"),
    "store info": Failure(("--profile", "not/a/profile"), 9, "no_profile"),
    "store copy": Failure(("not/a/profile", "other", "--keep"), 9, "no_profile"),
    "jwks": Failure(("--output", "no/such/folder/jwks.json"), 1, "cannot_write"),
    "demo": Failure(("--no-such-option",), 2, "usage"),
    "sandbox": Failure(("--port", "70000"), 2, "usage"),
    "sandbox launch": Failure(("acme-moodle",), 1, "not_in_sandbox"),
}


@pytest.fixture
def profile(run: Run, tmp_path: Path) -> Path:
    """With one integration, and one whose document is damaged."""
    assert callable(run)
    context = Context(Profile(tmp_path / "home" / "profiles" / "default"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")
    context.profile.integrations.add(things.integration())
    (context.profile.root / "integrations" / f"{DAMAGED}.toml").write_text("schema = 1\n")
    return context.profile.root


def test_every_command_is_here() -> None:
    assert set(FAILURES) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_failure_is_an_envelope_with_its_code(run: Run, profile: Path, command: str) -> None:
    expected = FAILURES[command]
    before = {path: path.read_bytes() for path in documents(profile)}

    done = run(*command.split(), *expected.argv, "--json", "--no-input", stdin=expected.stdin)

    envelope = done.envelope
    assert (done.code, envelope["error"]["code"]) == (expected.code, expected.word)
    assert (envelope["command"], envelope["ok"], done.stderr) == (command, False, "")
    assert envelope["error"]["fix"]
    assert {path: path.read_bytes() for path in documents(profile)} == before


def documents(profile: Path) -> list[Path]:
    """All but secrets: 'relay-page' makes its key before it learns that it cannot write."""
    return [path for path in profile.rglob("*.toml") if path.parent.name != "secrets"]


def test_words_for_people_stay_off_stdout(run: Run, profile: Path) -> None:
    assert profile.exists()

    done = run("org", "show", "acmee")

    assert (done.code, done.stdout) == (4, "")
    assert done.stderr.splitlines() == [
        "error: There is no organization 'acmee'.",
        "  fix:  Did you mean 'acme'? Then: ltictl org show acme",
    ]


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (("show", "acme-moodel"), "acme-moodle"),
        (("list", "--statsu", "active"), "--status"),
        (("lsit",), "ltictl list"),
        (("org", "shwo"), "ltictl org show"),
        (("export", "pylti"), "pylti1p3"),
        (("lms-config", "moodel"), "moodle"),
        (("add", "--org", "acme", "--client-id", "1", "--preset", "canvsa"), "canvas"),
        (("recover", "acme-moodle-3"), "acme-moodle-2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_slip_is_answered_with_the_intended_command(
    run: Run, profile: Path, argv: tuple[str, ...], meant: str
) -> None:
    journal = Profile(profile).attempts.begin(things.attempt("acme-moodle-2"))
    journal.note_sent(things.NOW)
    journal.close()

    done = run(*argv)

    assert done.code in {2, 4}
    assert f"Did you mean '{meant}'?" in done.stderr


def test_the_other_exit_codes(run: Run, profile: Path) -> None:
    """Those that no single command is the example for; the rest stand in the table."""
    with locked(profile, 1):
        held = run("org", "add", "x", "--lock-timeout", "1s", "--json")
    wanted = profile.parent / "wanted.toml"
    wanted.write_text('[[organizations]]\nslug = "new"\n')
    planned = run("apply", str(wanted), "--dry-run", "--detailed-exitcode", "--json")
    unwell = run("doctor", "--json")
    journal = Profile(profile).attempts.begin(things.attempt("acme-moodle-2"))
    journal.note_sent(things.NOW)
    journal.close()
    unsettled = run("recover", "--json")

    found = [each.code for each in (held, planned, unwell, unsettled)]
    assert found == [
        ExitCode.LOCKED,
        ExitCode.CHANGES,
        ExitCode.PROBLEMS_FOUND,
        ExitCode.NEEDS_RECOVERY,
    ]
    assert held.envelope["error"]["code"] == "profile_locked"
    assert unwell.envelope["error"]["code"] == "problems_found"
    assert unsettled.envelope["error"]["code"] == "attempts_unsettled"
    assert [each.envelope["ok"] for each in (planned, unwell, unsettled)] == [True, False, False]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_ends_a_wait_with_an_envelope(
    ltictl: Ltictl, number: signal.Signals, code: int
) -> None:
    assert ltictl("init", "--name", "T", "--url", "https://tool.invalid").code == 0
    assert ltictl("org", "add", "acme").code == 0
    waiting = ltictl.start("register", "--org", "acme", "--port", "0", "--json")
    waiting.wait_for_line("listening")

    waiting.send_signal(number)
    done = waiting.wait()

    assert done.code == code
    assert_schema(done.json, "envelope.json")
    assert done.error["code"] == "interrupted"


def test_what_waits_says_in_the_end_what_its_schema_says(ltictl: Ltictl) -> None:
    lms = ltictl.start("sandbox", "--port", "0", "--json")
    lms.wait_for_line("Manage tools")
    lms.send_signal(signal.SIGINT)
    ended, played = lms.wait(), ltictl("demo", "--json")

    for command, done in (("sandbox", ended), ("demo", played)):
        assert done.code == 0, done
        assert_schema(done.json, "envelope.json")
        assert_schema(done.data, data_schema(command))
