"""Runs the benchmark; fails only where a target is missed by more than a quarter, twice."""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tests.bench.installation import ROOT, install
from tests.bench.parts import FULL, PARTS, SHORT, Bench
from tests.bench.report import Row, better, far, machine, missed, table, write_between_markers
from tests.support import growth_plot
from tests.support.speed_bars import draw_speed

PAGE = ROOT / "docs" / "explanation" / "performance.md"
PICTURE = ROOT / "docs" / "pictures" / "growth.svg"
BARS = ROOT / "docs" / "pictures" / "speed.svg"


def main() -> int:
    """Measure, print the table, and keep it where everything was measured."""
    arguments = _arguments()
    with _work_folder(arguments.work) as work:
        installation = install(work, peers=not arguments.short)
        bench = Bench(installation, SHORT if arguments.short else FULL)
        rows, failed = [], []
        for name in arguments.only or PARTS:
            begun = time.monotonic()
            try:
                rows += measure(bench, name)
            except (RuntimeError, OSError) as error:
                sys.stderr.write(f"{error}\n")
                failed.append(name)
            sys.stderr.write(f"measured: {name}, {time.monotonic() - begun:.0f} s\n")
        text = f"Measured on {machine(installation.python_version)}.\n\n{table(rows)}"
    text += "".join(f"\nNot measured, since it failed: {each}.\n" for each in failed)
    sys.stdout.write(text)
    if not arguments.short and not arguments.only:
        write_between_markers(PAGE, text)
        BARS.write_text(draw_speed(PAGE.read_text("utf-8")), "utf-8")
        growth_plot.write_lines(bench.growth)
        PICTURE.write_text(growth_plot.draw(growth_plot.TITLE, growth_plot.read_lines()), "utf-8")
    for row in missed(rows):
        sys.stderr.write(f"{row.verdict}: {row.what}: {row.cells()[3]} ({row.cells()[4]})\n")
    return 1 if far(rows) or failed else 0


class Measuring(Protocol):
    """The functions that measure, by the names of parts."""

    def measure(self, part: str) -> list[Row]:
        """The part's rows."""


def measure(bench: Measuring, name: str) -> list[Row]:
    """A part's rows; once more where one misses its target by far, and the better figure counts.

    A machine is disturbed now and then; slow code is slow at the second look too.
    """
    rows = bench.measure(name)
    if not far(rows):
        return rows
    sys.stderr.write(f"measuring once more: {name}\n")
    return [better(one, other) for one, other in zip(rows, bench.measure(name), strict=True)]


@contextlib.contextmanager
def _work_folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="ltictl-bench-") as name:
        yield Path(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="for CI; writes nothing into docs")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="parts; writes nothing into docs")
    parser.add_argument("--work", type=Path, help="keep environments there, and use them again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
