"""``rotate-keys``: what it adds to the making of the key itself, which is a matter of luck."""

import shutil
import subprocess
import time
from collections.abc import Callable

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import BARE, Command, Rounds, interleaved

_OPERATION_MS = 50.0
_PROCESS_MS = 100.0


def measure_rotation(installation: Installation, profile: MadeProfile, rounds: int) -> list[Row]:
    """Rotation in ``profile`` beside a program that makes one key and nothing else."""
    keys, saved = profile.folder / "keys", profile.home / "keys"
    if not saved.exists():
        shutil.copytree(keys, saved)

    def rotation(figure: Callable[[float, list[float]], float]) -> float:
        shutil.rmtree(keys)
        shutil.copytree(saved, keys)
        return figure(*_run(installation, profile, "timed_rotation.py"))

    found = interleaved(
        {
            "operation": lambda: rotation(lambda _, told: told[1] - told[0]),
            "process": lambda: rotation(_without_luck),
            "key": lambda: _without_luck(*_run(installation, profile, "bare_key.py")),
            BARE: Command([installation.python, "-c", "pass"], profile.environment),
        },
        rounds,
    )
    return _rows(found, f"`ltictl rotate-keys`, {len(profile.ids):,} integrations")


def _rows(found: Rounds, what: str) -> list[Row]:
    counted = f"`python -c pass`: {milliseconds(found.median(BARE))}, counted as 10 ms"
    return [
        Row(
            f"{what}: the operation, its imports included, without the making of the key",
            milliseconds(found.median("operation")),
            counted,
            found.normal("operation") * 1000,
            _OPERATION_MS,
            "ms",
        ),
        Row(
            f"{what}, beyond a bare program that makes a key (both without the making itself)",
            milliseconds(found.median("process")),
            f"bare program: {milliseconds(found.median('key'))}; {counted}",
            (found.normal("process") - found.normal("key")) * 1000,
            _PROCESS_MS,
            "ms",
        ),
    ]


def _without_luck(seconds: float, told: list[float]) -> float:
    """The run without what it reports for making the key."""
    return seconds - told[0]


def _run(
    installation: Installation, profile: MadeProfile, program: str
) -> tuple[float, list[float]]:
    """Seconds of a program's run, and those that it reports for its parts."""
    start = time.perf_counter()
    done = subprocess.run(
        [installation.python, PROGRAMS / program],
        env=profile.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr[-2000:]}")
    return seconds, [float(line) for line in done.stderr.splitlines() if line[:1].isdigit()]
