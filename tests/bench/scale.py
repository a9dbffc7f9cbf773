"""Measures commands in profiles with few and with many integrations."""

import statistics
from collections.abc import Iterable, Mapping

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile, make_profile, wanted_text
from tests.bench.report import Row, milliseconds
from tests.bench.timing import BARE, Argv, Command, OnTerminal, Rounds, interleave

_LIST_SECONDS = 2.5
_LIST_MEGABYTES = 80.0
_FEW = 20
_FORMATS = ("pylti1p3", "django-lti", "ltijs", "json")


def measure_single(
    installation: Installation, profiles: Mapping[int, MadeProfile], rounds: int
) -> Rounds:
    """``show`` and ``activate`` of one integration, named ``show 10`` and so on."""
    probes = {}
    for count, profile in profiles.items():
        probes[f"show {count}"] = show_one(installation, profile)
        probes[f"activate {count}"] = activate_one(installation, profile)
    return interleave(probes, rounds)


def single_rows(found: Rounds, few: int, many: int) -> list[Row]:
    """The rows of ``measure_single``."""
    return [
        Row(
            f"`ltictl {name}` of one, {many:,} integrations",
            milliseconds(found.median(f"{name} {many}")),
            f"{few} integrations: {milliseconds(found.median(f'{name} {few}'))}",
            found.ratio(f"{name} {many}", f"{name} {few}"),
            1.15,
        )
        for name in ("show", "activate")
    ]


def measure_lists(
    installation: Installation, profiles: Mapping[int, MadeProfile], rounds: int
) -> Rounds:
    """``list --json`` by size, ``parse``: the bare loop over the largest profile, and ``BARE``."""
    most = profiles[max(profiles)]
    probes: dict[str, Command] = {
        f"list {count}": list_all(installation, profile) for count, profile in profiles.items()
    }
    parse = [installation.python, PROGRAMS / "bare_toml.py", most.folder / "integrations"]
    probes["parse"] = Command(parse, most.environment)
    probes[BARE] = Command([installation.python, "-c", "pass"], most.environment)
    return interleave(probes, rounds)


def list_rows(
    found: Rounds, installation: Installation, profiles: Mapping[int, MadeProfile]
) -> list[Row]:
    """The rows of ``measure_lists``, and the memory of one more run."""
    most = max(profiles)
    name, what = f"list {most}", f"`ltictl list --json`, {most:,} integrations"
    seconds = found.median(name)
    parse = milliseconds(found.median("parse"))
    bare = milliseconds(found.median(BARE))
    _, memory = list_all(installation, profiles[most]).run()
    return [
        Row(
            what,
            milliseconds(seconds),
            f"a bare loop that parses the same documents: {parse}",
            found.ratio(name, "parse"),
            1.2,
        ),
        Row(
            what,
            milliseconds(seconds),
            f"`python -c pass`: {bare}, counted as 10 ms",
            found.normal(name),
            _LIST_SECONDS * most / 10_000,
            "s",
        ),
        Row(f"{what}, most memory held", f"{memory:.0f} MB", "", memory, _LIST_MEGABYTES, "MB"),
    ]


def measure_terminal(installation: Installation, profile: MadeProfile, rounds: int) -> Rounds:
    """``list`` at a terminal, beside the same in a pipe."""
    argv: Argv = [installation.ltictl, "list"]
    return interleave(
        {
            "terminal": OnTerminal([*argv, "--no-pager"], profile.environment),
            "pipe": Command(argv, profile.environment),
        },
        rounds,
    )


def terminal_rows(found: Rounds, count: int) -> list[Row]:
    """The row of ``measure_terminal``."""
    return [
        Row(
            f"`ltictl list` at a terminal, {count:,} integrations",
            milliseconds(found.median("terminal")),
            f"the same in a pipe: {milliseconds(found.median('pipe'))}",
            found.ratio("terminal", "pipe"),
            1.5,
        )
    ]


def measure_apply(installation: Installation, profile: MadeProfile, rounds: int) -> Rounds:
    """``apply`` of a document that changes nothing, beside ``list``."""
    wanted = installation.work / "wanted.toml"
    wanted.write_text(wanted_text(profile), "utf-8")
    argv: Argv = [installation.ltictl, "apply", wanted, "--detailed-exitcode", "--json"]
    probes = {
        "apply": Command(argv, profile.environment),  # ends with 10 if there is anything to do
        "list": list_all(installation, profile),
    }
    return interleave(probes, rounds)


def apply_rows(found: Rounds, count: int) -> list[Row]:
    """The row of ``measure_apply``."""
    return [
        Row(
            f"`ltictl apply` of {count:,} integrations, nothing to change",
            milliseconds(found.median("apply")),
            f"`ltictl list --json` of the same: {milliseconds(found.median('list'))}",
            found.ratio("apply", "list"),
            1.5,
        )
    ]


def measure_export(installation: Installation, profile: MadeProfile, rounds: int) -> Rounds:
    """``export`` in each format, beside ``list --json``."""
    probes = {
        name: Command(
            [installation.ltictl, "export", name, "--all", "--output", installation.work / name],
            profile.environment,
        )
        for name in _FORMATS
    }
    return interleave({**probes, "list": list_all(installation, profile)}, rounds)


def export_rows(found: Rounds, count: int) -> list[Row]:
    """The rows of ``measure_export``."""
    return [
        Row(
            f"`ltictl export {name}` of {count:,} integrations",
            milliseconds(found.median(name)),
            f"`ltictl list --json` of the same: {milliseconds(found.median('list'))}",
            found.ratio(name, "list"),
            2.0,
        )
        for name in _FORMATS
    ]


def measure_organization(
    installation: Installation, profiles: Mapping[int, MadeProfile], rounds: int
) -> Rounds:
    """``list --org`` of the largest profile, beside ``list`` of a profile with 20."""
    few, many = make_profile(installation, "with-20", _FEW), profiles[max(profiles)]
    argv: Argv = [installation.ltictl, "list", "--org", "school-0001", "--json"]
    return interleave(
        {"one": Command(argv, many.environment), "few": list_all(installation, few)}, rounds
    )


def organization_rows(found: Rounds, many: int) -> list[Row]:
    """The row of ``measure_organization``."""
    return [
        Row(
            f"`ltictl list --org` in a profile of {many:,} integrations",
            milliseconds(found.median("one")),
            f"`ltictl list --json`, {_FEW} integrations: {milliseconds(found.median('few'))}",
            found.ratio("one", "few"),
            1.5,
        )
    ]


def growth(found: Rounds, name: str, counts: Iterable[int]) -> list[tuple[int, float]]:
    """Count and median seconds of each size, for the plot."""
    return [(count, statistics.median(found.seconds[f"{name} {count}"])) for count in counts]


def list_all(installation: Installation, profile: MadeProfile) -> Command:
    """``list --json``."""
    return Command([installation.ltictl, "list", "--json"], profile.environment)


def show_one(installation: Installation, profile: MadeProfile) -> Command:
    """``show`` of an integration in the middle."""
    middle = profile.ids[len(profile.ids) // 2]
    return Command([installation.ltictl, "show", middle, "--json"], profile.environment)


def activate_one(installation: Installation, profile: MadeProfile) -> Command:
    """``activate`` of one that is pending: its document is put back before each run."""
    file = profile.document(profile.ids[len(profile.ids) // 3])
    pending = file.read_bytes()
    return Command(
        [installation.ltictl, "activate", file.stem, "--json"],
        profile.environment,
        prepare=lambda: file.write_bytes(pending),
    )
