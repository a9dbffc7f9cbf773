"""Forty mistakes that people make: the sentence that they get, and its fix pasted and run."""

import re
import shlex
from pathlib import Path

import pytest

from ltictl.cli.describe import describe_all
from tests.support.in_process import Run

PARSER = re.compile(
    r"int range|Missing argument|Got unexpected|No such option|Invalid value for|requires an arg"
)
# The typed line, a part of the answer, the command that the fix offers (empty: none to paste).
MISTAKES = [
    ("register acme", "takes no argument", "register --org acme"),
    ("registration-url acme", "Did you mean --org?", "registration-url --org acme"),
    ("registration-url https://x.example", "Did you mean --platform?", ""),
    ("activate acme", "'acme' has acme-canvas and acme-moodle", "activate acme-canvas"),
    ("deactivate canvas.acme.example --yes", "is the host of", "deactivate acme-canvas --yes"),
    ("verify moodle-client", "is the client ID of acme-moodle", "verify acme-moodle"),
    ("remove moodle-7 --yes", "is the deployment ID of", "remove acme-moodle --yes"),
    ("delete acme-moodle", "no command 'delete'", "remove acme-moodle"),
    ("rm acme-moodle --yes", "no command 'rm'", "remove acme-moodle --yes"),
    ("ls", "no command 'ls'", "list"),
    ("enable acme-moodle", "no command 'enable'", "activate acme-moodle"),
    ("status", "no command 'status'", "list"),
    ("invite --org acme", "no command 'invite'", "registration-url --org acme"),
    ("rotate", "no command 'rotate'", "rotate-keys"),
    ("keys rotate", "no command 'keys rotate'", "rotate-keys"),
    ("org delete empty --yes", "no command 'org delete'", "org remove empty --yes"),
    ("org create gamma", "no command 'org create'", "org add gamma"),
    ("invitation create --org acme", "no command", "registration-url --org acme"),
    ("organization list", "no command 'organization'", "org list"),
    ("org help", "'help' stands first", "help org"),
    ("sandbox lunch acme-moodle", "has no command 'lunch'", "sandbox launch acme-moodle"),
    ("registration-url --organization acme", "'--organization'", "registration-url --org acme"),
    ("lms-config moodle --organization=acme", "'--org'?", "lms-config moodle --org=acme"),
    ("org remove empty --force", "Did you mean '--yes'?", "org remove empty --yes"),
    ("list --jsn", "Did you mean '--json'?", "list --json"),
    ("--org acme list", "--org stands before the command", "list --org acme"),
    ("--port abc", "Commands that have it: register", ""),
    ("register --port abc", "--port takes a number from 1 to 65535", ""),
    ("list --org", "--org needs a value: --org SLUG", ""),
    ("list --needs-attention=1", "--needs-attention takes no value", ""),
    ("list --status activ", "takes pending, active or disabled", "list --status active"),
    ("activate", "Which integration? ", "list"),
    ("show", "Which integration? ", "list"),
    ("org show", "Which organization? ", "org list"),
    ("lms-config", "Which family? One of: blackboard,", ""),
    ("lms-config moodel", "Did you mean 'moodle'?", "lms-config moodle"),
    ("export jsn", "Did you mean 'json'?", "export json"),
    ("list --org acm", "Did you mean 'acme'?", "list --org acme"),
    ("show acme-moodel", "Did you mean 'acme-moodle'?", "show acme-moodle"),
    ("--profile prd list", "Did you mean 'prod'?", "--profile prod list"),
    ("--profile prod show acme-moodle", "'ltictl --profile prod list'", "--profile prod list"),
    ("profile use prd", "Did you mean 'prod'?", "profile use prod"),
    ("apply bad.toml", "bad.toml:3:8: Invalid value: name =", ""),
    ("org add", "Which short name?", "org add acme"),
    ("org add gamma New School", "Did you mean --name?", "org add gamma --name 'New School'"),
    ("invitation revoke", "Name one invitation, or give --all", "invitation list"),
    ("invitation revoke --all --org acme", "Name one invitation", "invitation list"),
    ("invitation revoke --org acm", "Did you mean 'acme'?", "invitation revoke --org acme"),
    ("org rename beta", "--name is needed", "org rename beta --name TEXT"),
    ("org rename beta New School", "Did you mean --name?", "org rename beta --name 'New School'"),
    (
        "--profile new init --name T --url tool.example.com",
        "--url needs https:// in front: https://tool.example.com",
        "--profile new init --name T --url https://tool.example.com",
    ),
    ("--profile new init --url https://x.example", "--name is required when input is not", ""),
    ("registration-url --platform lms.acme.example", "needs https:// in front", ""),
    ("org remove beta", "To agree:", "org remove beta --yes"),
    ("history", "no command 'history'", "log"),
    ("undelete acme-moodle", "no command 'undelete'", ""),
    ("login acme --platform https://x.example", "Did you mean 'ltictl lms login acme", ""),
    ("modify acme-moodle --set audience=https://a.example", "no command 'modify'", ""),
    ("edit acme-moodle audience=https://a.example", "Did you mean --set?", ""),
    ("edit acme-moodle --set audiense=x", "Did you mean 'audience'?", ""),
    ("restore", "Which removed integration?", "log --action remove"),
    ("lms login", "Which organization?", "org list"),
    ("lms statsu acme-moodle", "no command 'lms statsu'", "lms status acme-moodle"),
    ("serve 8080", "Did you mean --port?", ""),
    ("move acme-moodle https://new.example", "--issuer is needed", ""),
    ("import pylti1p3", "Which file?", ""),
    ("export --format json", "'--format'", "export json"),
    ("export --format=json", "'--format'", "export json"),
    ("log --org acm", "Did you mean 'acme'?", "log --org acme"),
    ("log --since yesterday", "neither a duration nor a date", ""),
    ("refresh", "Name integrations, or give --all", ""),
    ("report html", "takes no argument", ""),
    ("diff", "Which profile?", "profile list"),
    ("diff prod", "Which profile to compare with?", "profile list"),
    ("diff prod defualt", "Did you mean 'default'?", "diff prod default"),
    ("diff --from prod", "no option '--from'", ""),
    ("compare prod default", "no command 'compare'", "diff prod default"),
    ("move", "Name integrations, or give --from", ""),
    ("move https://new.example acme-moodle", "--issuer is needed", ""),
    ("move acme-moodle --issuer new.example", "needs https:// in front", ""),
    ("move acme-moodel --issuer https://new.example", "Did you mean 'acme-moodle'?", ""),
    ("move --from https://new.example --issuer https://moodle.acme.example", "", ""),
    ("move acme-moodle --issuer https://new.example", "To agree:", ""),
    ("move acme-canvas --issuer https://new.example", "has endpoints outside of", ""),
    ("move acme-moodle --issuer https://new.example --accept-former ever", "--accept-former", ""),
    ("refresh acme", "'acme' has acme-canvas and acme-moodle", "refresh acme-canvas"),
    ("refresh acme-moodle --all", "Name integrations, or give --all", "refresh --all"),
    ("refresh acme-brightspace", "'acme' has acme-canvas and acme-moodle", "refresh acme-canvas"),
    ("org erase", "Which organization?", "org list"),
    ("org erase empty", "To agree:", "org erase empty --yes"),
    ("org erase acm --yes", "Did you mean 'acme'?", ""),
    ("org purge empty", "no command 'org purge'", "org erase empty"),
    ("org export acme acme.json", "Did you mean --output?", "org export acme --output acme.json"),
    ("org dump acme", "no command 'org dump'", "org export acme"),
    ("store copy", "Which profile to copy?", "profile list"),
    ("store copy default", "Which place to copy to?", ""),
    ("store copy default default --yes", "are the same place", ""),
    ("store move default elsewhere", "no command 'store move'", "store copy default elsewhere"),
    ("keys encrypt", "The passphrase is missing", ""),
    ("encrypt-keys", "Did you mean 'ltictl keys encrypt'?", ""),
    ("metrics out.prom", "Did you mean --output?", "metrics --output out.prom"),
    ("report report.html", "Did you mean --output?", "report --output report.html"),
    ("log acme-moodle --last 3d", "no option '--last'", "log acme-moodle --since 3d"),
    ("edit acme-moodle --set issuer=https://new.example", "", ""),
]


@pytest.mark.parametrize(("typed", "answer", "fix"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_answered_with_the_intended_command(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, typed: str, answer: str, fix: str
) -> None:
    monkeypatch.chdir(home.parent)

    done = run(*typed.split())

    assert done.code in {2, 4, 9}
    assert answer in " ".join(done.stderr.replace("\n  fix:  ", " ").split())
    assert not PARSER.search(done.stderr)
    if not fix:
        return
    assert f"ltictl {fix}" in done.stderr
    if "register " in fix:  # would wait for an LMS: how it is understood is enough
        fix += " --help"
    quiet = () if fix.startswith("help") else ("--no-input",)
    again = run(*shlex.split(fix), *quiet)
    # It is understood: what a command then finds (nothing answers here) is no mistake of typing.
    assert again.code in {0, 1, 8, 10} or "consent" in again.stderr or "--yes" in again.stderr, (
        again.stderr
    )


@pytest.mark.parametrize("words", ["help", "-h", "--help"])
def test_help_can_be_asked_for_in_any_way(run: Run, words: str) -> None:
    assert run(words).stdout.startswith("Usage: ltictl COMMAND")


@pytest.mark.parametrize(
    ("typed", "like"),
    [
        ("help register", "register --help"),
        ("register -h", "register --help"),
        ("help org add", "org add --help"),
        ("help org", "org --help"),
        ("--profile prod help list", "list --help"),
    ],
)
def test_help_of_a_command(run: Run, typed: str, like: str) -> None:
    done = run(*typed.split())

    assert (done.code, done.stdout) == (0, run(*like.split()).stdout)
    assert done.stdout.startswith("Usage: ltictl ")


def test_version_is_a_word_too(run: Run) -> None:
    assert run("version").stdout == run("--version").stdout


ASKED = [
    each.name
    for each in describe_all()
    if each.name != "help" and any(not one.metavar.startswith("[") for one in each.arguments)
]


@pytest.mark.parametrize("command", ASKED)
def test_a_missing_argument_is_asked_for_with_the_way_to_its_answer(
    run: Run, home: Path, command: str
) -> None:
    assert home.exists()
    done = run(*command.split(), "--no-input")

    assert done.code == 2
    assert done.stderr.startswith("error: Which ")
    assert "--help'" not in done.stderr
