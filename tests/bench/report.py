"""Writes the figures beside their targets as a Markdown table."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

BEGIN = "<!-- figures: begin (written by python -m tests.bench) -->"
END = "<!-- figures: end -->"
_TOLERANCE = 1.25


class Verdict(StrEnum):
    """How a figure stands to its target."""

    HELD = "held"
    MISSED = "missed"
    FAR = "missed by more than a quarter"
    OPEN = "not held yet"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: name of the measured thing.
        measured: the measured value, for people.
        beside: what it is compared with, for people.
        figure: the number that the target speaks of.
        target: the most (or least) it may be, ``None`` for none.
        unit: of figure and target.
        at_least: whether the target is a lower bound.
        open: whether the target is one that nobody claims to hold yet.
    """

    what: str
    measured: str
    beside: str
    figure: float
    target: float | None = None
    unit: str = "×"  # noqa: RUF001  it is a multiplication sign
    at_least: bool = False
    open: bool = False

    @property
    def excess(self) -> float:
        """How many times worse than the target, above 1 where it is missed; 0 without one."""
        if self.target is None:
            return 0
        return self.target / self.figure if self.at_least else self.figure / self.target

    @property
    def verdict(self) -> Verdict:
        if self.target is None:
            return Verdict.NONE
        excess = self.excess
        if excess <= 1:
            return Verdict.HELD
        if self.open:
            return Verdict.OPEN
        return Verdict.MISSED if excess <= _TOLERANCE else Verdict.FAR

    def cells(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        target = "" if self.target is None else f"{sign} {_number(self.target)} {self.unit}"
        return [
            self.what,
            self.measured,
            self.beside,
            f"{_number(self.figure)} {self.unit}",
            target,
            str(self.verdict),
        ]


def milliseconds(seconds: float) -> str:
    """A duration for people, three digits of it."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def table(rows: Iterable[Row]) -> str:
    """The rows as a table in Markdown."""
    heading = ["what", "measured", "beside", "figure", "target", "held"]
    lines = [heading, ["---"] * len(heading), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def machine(python: str) -> str:
    """The machine in one sentence, without its name, and how busy it was."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    kind = f"{platform.system()} on {platform.machine()}, {cores} cores"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = (
        f"load {os.getloadavg()[0]:.1f} in the end" if hasattr(os, "getloadavg") else "load unknown"
    )
    return f"{kind}, {memory:.0f} GiB of memory, Python {python}, {load}"


def write_between_markers(page: Path, text: str) -> None:
    """Replace the text between the two markers of ``page`` with ``text``.

    Raises:
        ValueError: the markers are missing.
    """
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{page} has no markers for the figures")
    page.write_text(f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}", "utf-8")


def better(one: Row, other: Row) -> Row:
    """Of two measurements of the same, the one that stands better to its target."""
    return min(one, other, key=lambda row: row.excess)


def missed(rows: Sequence[Row]) -> list[Row]:
    """Rows that do not hold their targets."""
    return [row for row in rows if row.excess > 1]


def far(rows: Sequence[Row]) -> list[Row]:
    """Rows that make the benchmark fail."""
    return [row for row in rows if row.verdict is Verdict.FAR]


def _number(value: float) -> str:
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f}".removesuffix(".0")
