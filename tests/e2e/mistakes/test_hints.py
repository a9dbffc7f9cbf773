"""Every command that ltictl offers exists, takes its options, and acts on the same profile."""

import re
import shlex
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltictl.cli.catalogue import COMMANDS, GROUPS
from ltictl.cli.command_line import CommandLine
from ltictl.cli.describe import describe, global_options
from tests.support.in_process import Run

from .test_mistakes import MISTAKES, PARSER

# In quotes, or from 'ltictl' to the end of its sentence.
OFFERED = re.compile(r"'(ltictl [^']+)'|(ltictl (?:--[a-z]|[a-z])[^;()]*?)(?=[.,]?$|[.,;] | [(])")
SUCCESSES = [
    "org add gamma",
    "org list",
    "org show acme",
    "list",
    "list --needs-attention",
    "list nowhere",
    "show acme-moodle",
    "activate acme-canvas",
    "deactivate acme-moodle --yes",
    "remove acme-moodle --yes",
    "registration-url --org acme",
    "invitation list",
    "keys list",
    "rotate-keys",
    "config",
    "doctor --offline",
    "verify acme-moodle",
    "lms-config canvas",
    "deployment list acme-moodle",
    "deployment add acme-moodle 9",
    "apply good.toml --yes",
    "apply good.toml --dry-run",
    "profile list",
    "recover",
    "move acme-moodle --issuer https://new.example --dry-run",
    "move acme-moodle --issuer https://new.example --yes",
    "move --from https://moodle.acme.example --issuer https://new.example --yes",
    "refresh acme-canvas",
    "refresh --all --yes",
    "edit acme-moodle --set name=New --yes",
    "diff prod prod",
    "org export acme",
    "org export acme --output acme.json",
    "org erase empty --dry-run",
    "org erase empty --yes",
    "org erase acme --yes",
    "org show empty",
    "keys encrypt",
    "keys reseal",
    "export apply",
    "export apply --output all.toml",
    "lms status --all",
    "lms activate acme-moodle --yes",
    "lms login acme",
    "lms login acme --platform https://canvas.acme.example",
    "lms script moodle",
    "store check",
    "store info",
    "store copy nowhere elsewhere --yes",
    "report",
    "report --output report.html",
    "metrics",
    "log",
    "log acme-moodle --since 3d",
    "log --check",
    "list --outdated",
    "list --unused",
    "list --expiring",
    "restore acme-moodle",
]


def offered(text: str) -> list[str]:
    return [
        next(filter(None, found.groups()))
        for line in text.splitlines()
        for found in OFFERED.finditer(line)
    ]


def why_not(command: str) -> str:
    """The reason that a command line is not understood; empty for none."""
    line = CommandLine(tuple(shlex.split(command)[1:]))
    if line.asks_for_help or line.name in {"", "help"}:
        return ""
    if line.name not in COMMANDS:
        return "" if line.name in GROUPS else f"no command {line.name!r}"
    known = {
        name for each in (*describe(line.name).options, *global_options()) for name in each.names
    }
    given_ = {each.partition("=")[0] for each in line.words if each.startswith("--")}
    return f"no option {given_ - known}" if given_ - known else ""


@pytest.mark.parametrize("typed", SUCCESSES + [typed for typed, _, _ in MISTAKES])
def test_a_command_that_is_offered_can_be_pasted(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.chdir(home.parent)
    (home / "profiles" / "default").rename(home / "profiles" / "staging")
    other = "--profile" not in typed and not typed.startswith("profile")

    done = run(*(("--profile", "staging") if other else ()), *typed.split())

    for command in offered(done.stdout + done.stderr):
        assert why_not(command) == "", command
        if other and not command.startswith("ltictl help") and "--help" not in command:
            assert command.startswith("ltictl --profile staging "), command


def test_the_commands_in_a_text_are_found() -> None:
    text = "Run 'ltictl list', or.\nfix: Next: ltictl org add x\nHere: ltictl show a; then go on"

    assert offered(text) == ["ltictl list", "ltictl org add x", "ltictl show a"]
    assert why_not("ltictl lst") == "no command 'lst'"
    assert why_not("ltictl list --orgs acme") == "no option {'--orgs'}"


WORDS = st.sampled_from(
    ["acme", "acme-moodle", "--org", "--yes", "list", "show", "org", "x", "--port", "-h", "a b"]
)
SLOW = {"demo", "sandbox", "register", "serve", "init", "verify"}
QUICK = st.sampled_from(sorted({*COMMANDS} - SLOW))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(QUICK, st.lists(WORDS, max_size=4))
def test_any_typed_line_gets_an_answer_of_ours_whose_commands_exist(
    run: Run, home: Path, command: str, words: list[str]
) -> None:
    assert home.exists()

    done = run(*command.split(), *words, "--no-input")

    assert "failed unexpectedly" not in done.stderr
    assert not PARSER.search(done.stderr)
    for each in offered(
        done.stderr
    ):  # the error names a second mistake on the same line after the first
        assert why_not(each) in {"", *(f"no option {{{word!r}}}" for word in words)}, each
