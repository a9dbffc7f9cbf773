"""Looks for what breaks a rule in many files at once.

One test holds one rule for all files. A test for each of 900 files cost more than the look into it:
each worker of a run collects them all.
"""

from collections.abc import Callable, Iterable, Sized
from pathlib import Path

ROOT = Path(__file__).parents[2]


def breaches(files: Iterable[Path], rule: Callable[[str], Sized]) -> dict[str, Sized]:
    """List the files that break a rule, each with the findings in its text."""
    found = {path: rule(path.read_text("utf-8")) for path in files}
    assert found, "no file to look into"
    return {path.relative_to(ROOT).as_posix(): each for path, each in found.items() if each}
