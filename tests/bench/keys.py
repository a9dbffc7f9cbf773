"""Measures ``rotate-keys`` without the making of the key, whose time is random."""

import json
import shutil
import subprocess
import time

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile, make_profile
from tests.bench.report import Row, milliseconds
from tests.bench.scale import list_all
from tests.bench.timing import BARE, Argv, Command, Rounds, failure_of, interleave, output_of
from tests.support.answers import Answer
from tests.support.playback import PlaybackPlatform

_BEYOND_TYPER_MS = 50.0
_BEYOND_BARE_MS = 100.0


def measure_rotation(installation: Installation, profile: MadeProfile, rounds: int) -> list[Row]:
    """Rotation in ``profile`` beside programs that make one key and nothing else."""
    keys, saved = profile.folder / "keys", profile.home / "keys"
    if not saved.exists():
        shutil.copytree(keys, saved)

    def rotation() -> float:
        shutil.rmtree(keys)
        shutil.copytree(saved, keys)
        return _without_luck(installation, profile, "timed_rotation.py")

    found = interleave(
        {
            "rotation": rotation,
            "bare": lambda: _without_luck(installation, profile, "bare_key.py"),
            "typer": lambda: _without_luck(installation, profile, "typer_key.py"),
            BARE: Command([installation.python, "-c", "pass"], profile.environment),
        },
        rounds,
    )
    what = f"`ltictl rotate-keys`, {len(profile.ids):,} integrations, beyond"
    return [
        _row(found, "typer", f"{what} a typer command that makes a key", _BEYOND_TYPER_MS),
        _row(found, "bare", f"{what} a bare program that makes a key", _BEYOND_BARE_MS),
    ]


def measure_nothing_due(
    installation: Installation, count: int, few: MadeProfile, rounds: int
) -> list[Row]:
    """The row of a run that finds nothing to do, as cron's runs mostly do."""
    argv: Argv = [installation.ltictl, "rotate-keys", "--allow-private", "--json"]
    with PlaybackPlatform() as tool:
        profile = make_profile(installation, f"nothing-due-{count}", count, tool=tool.base_url)
        output_of(argv, profile.environment)  # makes the next key
        keys = output_of([installation.ltictl, "jwks"], profile.environment)
        tool.on("/.well-known/jwks.json", Answer.json(json.loads(keys)))
        output_of(argv, profile.environment)  # sees it published
    found = interleave(
        {"rotate": Command(argv, profile.environment), "list": list_all(installation, few)}, rounds
    )
    return [
        Row(
            f"`ltictl rotate-keys`, {len(profile.ids):,} integrations, nothing due",
            milliseconds(found.median("rotate")),
            f"`ltictl list --json`, {len(few.ids)} integrations: "
            f"{milliseconds(found.median('list'))}",
            found.ratio("rotate", "list"),
            1.3,
        )
    ]


def _row(found: Rounds, beside: str, what: str, target: float) -> Row:
    """How much longer rotation takes than the program ``beside``, the making of keys left out."""
    return Row(
        f"{what} (all without the making itself)",
        milliseconds(found.median("rotation")),
        f"that program: {milliseconds(found.median(beside))}; "
        f"`python -c pass`: {milliseconds(found.median(BARE))}, counted as 10 ms",
        (found.normal("rotation") - found.normal(beside)) * 1000,
        target,
        "ms",
    )


def _without_luck(installation: Installation, profile: MadeProfile, program: str) -> float:
    """Seconds of a program's run without those that it reports for making the key."""
    argv = [installation.python, PROGRAMS / program]
    start = time.perf_counter()
    done = subprocess.run(
        argv,
        env=profile.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise failure_of(argv, done)
    return seconds - float(done.stderr.split()[0])
