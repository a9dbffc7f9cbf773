"""Completion works in the real shells, with the names of a real profile, and quickly."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import Home, Ltictl
from tests.support.parts import require
from tests.support.processes import run_argv

BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
compopt() { :; }
_ltictl
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { :; }
compadd() { shift; print -rl -- "$@"; }
_files() { print -r -- FILES; }
source "$1"; shift
words=("$@"); CURRENT=$#
_ltictl
"""
FISH = """
source $argv[1]
complete -C "$argv[2]"
"""


@pytest.fixture
def school(home: Home, ltictl: Ltictl) -> Path:
    """A folder of names, a program called ltictl, and the scripts."""
    profile = home.ltictl_home / "profiles" / "default"
    names = {
        "organizations": ["acme.toml", "beta.toml", "$(touch pwned).toml", "`id`.toml"],
        "integrations": ["acme-moodle.toml", "acme-moodle-2.toml", ".x.tmp"],
        "invitations": ["3f9a2c71.toml"],
        "attempts": ["beta-canvas.attempt"],
    }
    for folder, files in names.items():
        (profile / folder).mkdir(parents=True)
        for name in files:
            (profile / folder / name).write_text("")
    (home.ltictl_home / "profiles" / "staging" / "organizations").mkdir(parents=True)
    (home.ltictl_home / "profiles" / "staging" / "organizations" / "gamma.toml").write_text("")
    program = home.path / "bin" / "ltictl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ltictl "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for shell in ("bash", "zsh", "fish"):
        done = ltictl("completion", shell)
        assert (done.code, done.stderr) == (0, "")
        (home.path / shell).write_text(done.stdout)
    return home.path


def complete(shell: str, home: Home, line: str) -> set[str]:
    """The words that the shell offers at the end of ``line``."""
    program = shutil.which(shell)
    require(shell, program is not None, f"apt-get install {shell}")
    script, *words = str(home.path / shell), *line.split(" ")
    argv = {
        "bash": [program, "--norc", "-c", BASH, "bash", script, *words],
        "zsh": [program, "-f", "-c", ZSH, "zsh", script, *words],
        "fish": [program, "--no-config", "-c", FISH, script, line],
    }[shell]
    path = f"{home.path / 'bin'}:{home.environment()['PATH']}"
    env = home.environment({"PATH": path, "PYTHONPATH": str(Path.cwd())})
    done = run_argv([str(each) for each in argv], env=env, cwd=home.path)
    if done.stderr or done.code not in {0, 1}:
        raise ChildProcessError(str(done))
    current = words[-1]
    found = {each.partition("\t")[0] for each in done.stdout.splitlines() if each}
    # zsh itself drops each offer that does not begin with the typed word.
    return {each for each in found if each.startswith(current)}


SHELLS = ("bash", "zsh", "fish")
LINES = [
    ("ltictl act", {"activate"}),
    ("ltictl org ", {"add", "list", "show", "rename", "remove", "export", "erase"}),
    ("ltictl --json org sh", {"show"}),
    ("ltictl org show ", {"acme", "beta"}),
    ("ltictl activate ", {"acme-moodle", "acme-moodle-2"}),
    ("ltictl --profile staging org show ", {"gamma"}),
    ("ltictl list --org ", {"acme", "beta"}),
    ("ltictl list --status ", {"pending", "active", "disabled"}),
    ("ltictl list --sta", {"--status"}),
    ("ltictl --profile ", {"default", "staging"}),
    ("ltictl invitation revoke ", {"3f9a2c71"}),
    ("ltictl recover ", {"beta-canvas"}),
    ("ltictl sandbox launch acme-moodle-", {"acme-moodle-2"}),
    ("ltictl export p", {"pylti1p3"}),
]


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_options_and_names_are_completed(shell: str, school: Path, home: Home) -> None:
    assert school.exists()

    found = {line: complete(shell, home, line) for line, _ in LINES}

    assert {line: words & found[line] for line, words in LINES} == dict(LINES)
    exact = [line for line, words in LINES if "org " in line or "activate" in line]
    assert {line: found[line] for line in exact} == {
        line: words for line, words in LINES if line in exact
    }
    assert not (home.path / "pwned").exists()


def test_names_cost_less_than_a_command(home: Home, school: Path) -> None:
    """No typer, no TOML, no rich: nothing but the listing of a folder."""
    assert school.exists()
    argv = [sys.executable, "-X", "importtime", "-m", "ltictl", "__complete", "integrations"]

    done = run_argv(argv, env=home.environment(), cwd=Path.cwd())

    assert done.stdout.split() == ["acme-moodle", "acme-moodle-2"]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    heavy = ("typer", "click", "rich", "rtoml", "httpx", "jwt", "cryptography", "platformdirs")
    assert not {name for name in imported if name.split(".")[0] in heavy}


def test_a_profile_that_is_not_there_completes_nothing(home: Home) -> None:
    argv = [sys.executable, "-m", "ltictl", "__complete", "integrations", "/nowhere/at all"]

    done = subprocess.run(
        argv, env=home.environment(), cwd=Path.cwd(), capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
