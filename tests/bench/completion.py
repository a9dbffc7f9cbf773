"""Measures a TAB: the shell's own script and the names that it asks ltictl for.

Beside it, in the same shell, an empty typer program: a program that asks typer to complete pays at
least that.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import Command, Rounds, interleave, output_of

TARGET: Final = 1.5
# Each ends with an error unless the first integration was among what the shell would offer.
_TAB: Final = {
    "bash": (
        'source "$1"; COMP_WORDS=("$2" activate ""); COMP_CWORD=2; _ltictl; '
        '[[ " ${COMPREPLY[*]} " == *" $3 "* ]]'
    ),
    "zsh": (
        "compdef() { :; }; found=(); compadd() { shift; found+=($@); }; "
        'source "$1"; words=("$2" activate ""); CURRENT=3; _ltictl; '
        "(( ${found[(I)$3]} ))"
    ),
    "fish": 'source $argv[1]; complete -C "$argv[2] activate " | string match -q -- "$argv[3]*"',
}
_START: Final = {
    "bash": ["--norc", "-c"],
    "zsh": ["-f", "-c"],
    "fish": ["--no-config", "-c"],
}


def measure_completion(
    installation: Installation, profiles: Mapping[int, MadeProfile], rounds: int
) -> list[Row]:
    """Rows for each shell that is there, with the smallest and the largest profile."""
    rows = []
    for shell in _TAB:
        program = shutil.which(shell)
        if program is not None:
            rows += _of_shell(installation, profiles, shell, Path(program), rounds)
    return rows


def _of_shell(
    installation: Installation,
    profiles: Mapping[int, MadeProfile],
    shell: str,
    program: Path,
    rounds: int,
) -> list[Row]:
    folder = installation.work / "completion"
    folder.mkdir(exist_ok=True)
    some = next(iter(profiles.values()))
    script = folder / shell
    script.write_text(output_of([installation.ltictl, "completion", shell], some.environment))
    probes = {
        str(size): _tab(installation, profile, shell, program, script)
        for size, profile in profiles.items()
        if size in {min(profiles), max(profiles)}
    }
    typer = [installation.python, PROGRAMS / "empty_typer.py"]
    found = interleave(probes | {"typer": Command(typer, some.environment)}, rounds)
    return [_row(found, shell, size) for size in probes]


def _tab(
    installation: Installation, profile: MadeProfile, shell: str, program: Path, script: Path
) -> Command:
    # fish reads no name after '-c' as $0, bash and zsh do.
    name = [] if shell == "fish" else [shell]
    argv: list[str | Path] = [program, *_START[shell], _TAB[shell], *name, script]
    path = f"{installation.ltictl.parent}:{profile.environment['PATH']}"
    return Command([*argv, "ltictl", profile.ids[0]], profile.environment | {"PATH": path})


def _row(found: Rounds, shell: str, size: str) -> Row:
    return Row(
        f"TAB in {shell} after `ltictl activate`, {int(size):,} integrations",
        milliseconds(found.median(size)),
        f"an empty typer command: {milliseconds(found.median('typer'))}",
        found.ratio(size, "typer"),
        TARGET,
    )
