"""``rotate-keys``: what it adds to the making of the key itself, which is a matter of luck."""

import shutil
import subprocess
import time

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import BARE, Command, interleaved

_ADDED_MS = 100.0


def measure_rotation(installation: Installation, profile: MadeProfile, rounds: int) -> list[Row]:
    """Rotation in ``profile`` beside a program that makes one key and nothing else."""
    keys, saved = profile.folder / "keys", profile.home / "keys"
    shutil.copytree(keys, saved, dirs_exist_ok=True)

    def rotation() -> float:
        shutil.rmtree(keys)
        shutil.copytree(saved, keys)
        return _without_luck(installation, profile, "timed_rotation.py")

    found = interleaved(
        {
            "rotation": rotation,
            "key": lambda: _without_luck(installation, profile, "bare_key.py"),
            BARE: Command([installation.python, "-c", "pass"], profile.environment),
        },
        rounds,
    )
    return [
        Row(
            f"`ltictl rotate-keys`, {len(profile.ids):,} integrations, beyond a bare program "
            "that makes a key (both without the making itself)",
            milliseconds(found.median("rotation")),
            f"bare program: {milliseconds(found.median('key'))}; "
            f"`python -c pass`: {milliseconds(found.median(BARE))}, counted as 10 ms",
            (found.normal("rotation") - found.normal("key")) * 1000,
            _ADDED_MS,
            "ms",
        )
    ]


def _without_luck(installation: Installation, profile: MadeProfile, program: str) -> float:
    """Seconds of a program's run without those that it reports for making the key."""
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
    return seconds - float(done.stderr.split()[0])
