"""Measures the start of a command beside bare Python, an empty program and peers."""

from pathlib import Path

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import BARE, Command, Rounds, interleave


def measure_startup(installation: Installation, ten: MadeProfile, rounds: int) -> list[Row]:
    """Start-up rows; ``ten`` is a profile with ten integrations."""
    python, ltictl, environment = installation.python, installation.ltictl, ten.environment
    lines: dict[str, list[str | Path]] = {
        "bare": [python, "-c", "pass"],
        "version": [ltictl, "--version"],
        "typer": [python, PROGRAMS / "empty_typer.py"],
        "tuned": [python, PROGRAMS / "tuned_typer.py"],
        "list": [ltictl, "list", "--json"],
        "help": [ltictl, "--help"],
        "typer help": [python, PROGRAMS / "empty_typer.py", "--help"],
        "tuned help": [python, PROGRAMS / "tuned_typer.py", "--help"],
    }
    if "pipx" in installation.peers:
        lines["pipx list --json"] = [installation.peers["pipx"], "list", "--json"]
    if "twine" in installation.peers:  # it lists nothing; this reads a distribution and reports
        lines["twine check"] = [installation.peers["twine"], "check", installation.wheel]
    commands = {name: Command(argv, environment) for name, argv in lines.items()}
    found = interleave(commands, rounds)
    return [*_own(found), *_peers(found)]


def measure_demo(installation: Installation, ten: MadeProfile, rounds: int) -> list[Row]:
    """The row of the whole ``ltictl demo``."""
    commands = {
        "demo": Command([installation.ltictl, "demo"], ten.environment),
        BARE: Command([installation.python, "-c", "pass"], ten.environment),
    }
    found = interleave(commands, rounds)
    return [
        Row(
            "`ltictl demo`, with a key and all requests",
            milliseconds(found.median("demo")),
            f"`python -c pass`: {milliseconds(found.median(BARE))}, counted as 10 ms",
            found.normal("demo"),
            0.7,
            "s",
            open=True,
        )
    ]


def _own(found: Rounds) -> list[Row]:
    def row(
        what: str,
        name: str,
        baseline: str,
        label: str,
        target: float | None,
        *,
        aim: bool = False,
    ) -> Row:
        return Row(
            what,
            milliseconds(found.median(name)),
            f"{label}: {milliseconds(found.median(baseline))}",
            found.ratio(name, baseline),
            target,
            open=aim,
        )

    listing = "`ltictl list --json`, 10 integrations"
    return [
        row("`ltictl --version`", "version", "bare", "`python -c pass`", 1.3),
        row(listing, "list", "typer", "an empty typer command", 1.05, aim=True),
        row(listing, "list", "tuned", "the same, tuned", None),
        row("`ltictl --help`", "help", "typer help", "`--help` of an empty typer program", 1.4),
        row("`ltictl --help`", "help", "tuned help", "the same, tuned", None),
    ]


def _peers(found: Rounds) -> list[Row]:
    """The times of others, as a multiple of ``ltictl list --json``."""
    ours = milliseconds(found.median("list"))
    return [
        Row(
            f"`{name}`",
            milliseconds(found.median(name)),
            f"`ltictl list --json`: {ours}",
            found.ratio(name, "list"),
        )
        for name in found.seconds
        if name.startswith(("pipx", "twine"))
    ]
