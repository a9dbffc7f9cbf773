"""Measures commands in profiles of 10 to 100,000 integrations, for the plot and the largest one."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile, wanted_text
from tests.bench.report import Row, milliseconds
from tests.bench.scale import activate_one, list_all, show_one
from tests.bench.timing import Argv, Command, Probe, Rounds, interleave
from tests.support.growth_plot import Line

_MEGABYTES: Final = 450.0
_EARLY: Final = 0.5  # of the whole time: then most is not yet read


def measure_growth(
    installation: Installation, profiles: Mapping[int, MadeProfile], rounds: int
) -> Rounds:
    """Each command in each profile, named ``list 10`` and so on, and ``parse``: the bare loop.

    ``first`` is the time until the first byte of ``list --json`` in the largest profile.
    """
    probes: dict[str, Probe] = {}
    for count, profile in profiles.items():
        probes |= {
            f"{name} {count}": command
            for name, command in _commands(installation, profile, count).items()
        }
    most = profiles[max(profiles)]
    parse = [installation.python, PROGRAMS / "bare_toml.py", most.folder / "integrations"]
    probes["parse"] = Command(parse, most.environment)
    probes["first"] = lambda: _first_byte(list_all(installation, most))
    return interleave(probes, rounds)


def growth_rows(found: Rounds, installation: Installation, most: MadeProfile) -> list[Row]:
    """The rows of ``measure_growth``, and the memory of one more run."""
    count = len(most.ids)
    name, what = f"list --json {count}", f"`ltictl list --json`, {count:,} integrations"
    _, memory = list_all(installation, most).run()
    whole = milliseconds(found.median(name))
    return [
        Row(
            what,
            whole,
            f"a bare loop that parses the same documents: {milliseconds(found.median('parse'))}",
            found.ratio(name, "parse"),
            1.25,
        ),
        Row(f"{what}, most memory held", f"{memory:.0f} MB", "", memory, _MEGABYTES, "MB"),
        Row(
            f"{what}: first byte",
            milliseconds(found.median("first")),
            f"the last one: {whole}",
            found.ratio("first", name),
            _EARLY,
        ),
    ]


def growth_lines(found: Rounds, counts: Sequence[int]) -> dict[str, Line]:
    """The lines of the plot."""
    names = dict.fromkeys(name.rpartition(" ")[0] for name in found.seconds if " " in name)
    return {name: [(count, found.median(f"{name} {count}")) for count in counts] for name in names}


def _commands(installation: Installation, profile: MadeProfile, count: int) -> dict[str, Command]:
    wanted = installation.work / f"wanted-{count}.toml"
    wanted.write_text(wanted_text(profile), "utf-8")
    ltictl, exported = installation.ltictl, installation.work / f"exported-{count}.json"
    apply: Argv = [ltictl, "apply", wanted, "--detailed-exitcode", "--json"]
    export: Argv = [ltictl, "export", "json", "--all", "--output", exported]
    return {
        "list --json": list_all(installation, profile),
        "show": show_one(installation, profile),
        # Before 'activate': the document that 'apply' wants is the pending one.
        "apply": Command(apply, profile.environment),
        "export json": Command(export, profile.environment),
        "activate": activate_one(installation, profile),
    }


def _first_byte(command: Command) -> float:
    """Seconds until a command writes something."""
    start = time.perf_counter()
    with subprocess.Popen(
        command.argv, env=dict(command.env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        os.read(process.stdout.fileno(), 1)
        seconds = time.perf_counter() - start
        process.communicate()
    return seconds
