"""Runs the benchmark; fails only where a target is missed by more than a quarter."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import plot, scale
from tests.bench.completion import measure_completion
from tests.bench.installation import ROOT, Installation, install
from tests.bench.keys import measure_rotation
from tests.bench.profiles import make_profile
from tests.bench.registration import measure_registrations, measure_url, registration_rows
from tests.bench.report import Row, far, machine, table, write_between_markers
from tests.bench.startup import measure_startup
from tests.bench.verification import measure_verify

PAGE = ROOT / "docs" / "explanation" / "performance.md"
PICTURE = ROOT / "docs" / "pictures" / "growth.svg"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        sizes: integrations of the profiles that grow.
        rounds: of commands that take a tenth of a second.
        slow_rounds: of what takes seconds.
        longest_rounds: of what may take a minute.
        verified: integrations that ``verify --all`` checks.
        rotated: integrations of the profile whose keys are rotated.
    """

    sizes: tuple[int, ...]
    rounds: int
    slow_rounds: int
    longest_rounds: int
    verified: int
    rotated: int


FULL = Extent(
    (10, 100, 1000, 10_000), rounds=21, slow_rounds=5, longest_rounds=1, verified=1000, rotated=1000
)
SHORT = Extent((10, 1000), rounds=9, slow_rounds=3, longest_rounds=1, verified=50, rotated=100)


def main() -> int:
    """Measure, print the table, and keep it where everything was measured."""
    arguments = _arguments()
    extent = SHORT if arguments.short else FULL
    with _work_folder(arguments.work) as work:
        installation = install(work, peers=not arguments.short)
        bench = Bench(installation, extent)
        bench.run()
        text = f"Measured on {machine(installation.python_version)}.\n\n{table(bench.rows)}"
    text += "".join(f"\nNot measured, since it failed: {each}.\n" for each in bench.failed)
    sys.stdout.write(text)
    if not arguments.short:
        write_between_markers(PAGE, text)
        PICTURE.write_text(plot.draw("Time by the size of the profile", bench.growth), "utf-8")
    for row in far(bench.rows):
        sys.stderr.write(f"Missed by more than a quarter: {row.what}\n")
    return 1 if far(bench.rows) or bench.failed else 0


class Bench:
    """One run: its parts one after the other; what fails is named and does not stop the rest."""

    def __init__(self, installation: Installation, extent: Extent) -> None:
        self._installation = installation
        self._extent = extent
        self.rows: list[Row] = []
        self.growth: dict[str, plot.Line] = {}
        self.failed: list[str] = []
        self._profiles = {
            count: make_profile(installation, f"with-{count}", count) for count in extent.sizes
        }
        self._few, self._many = min(extent.sizes), max(extent.sizes)

    def run(self) -> None:
        parts = (
            self._startup,
            self._completion,
            self._lists,
            self._single,
            self._register,
            self._keys,
            self._verify,
        )
        for part in parts:
            name = part.__name__.strip("_")
            sys.stderr.write(f"measuring: {name} ...\n")
            try:
                self.rows += part()
            except (RuntimeError, OSError) as error:
                sys.stderr.write(f"{error}\n")
                self.failed.append(name)

    def _startup(self) -> list[Row]:
        few = self._profiles[self._few]
        return measure_startup(self._installation, few, self._extent.rounds)

    def _completion(self) -> list[Row]:
        return measure_completion(self._installation, self._profiles, self._extent.rounds)

    def _lists(self) -> list[Row]:
        found = scale.measure_lists(self._installation, self._profiles, self._extent.slow_rounds)
        self.growth["list --json"] = scale.growth(found, "list", self._extent.sizes)
        return scale.list_rows(found, self._installation, self._profiles)

    def _single(self) -> list[Row]:
        found = scale.measure_single(self._installation, self._profiles, self._extent.rounds)
        for name in ("activate", "show"):
            self.growth[name] = scale.growth(found, name, self._extent.sizes)
        return scale.single_rows(found, self._few, self._many)

    def _register(self) -> list[Row]:
        few = self._profiles[self._few]
        rows = measure_url(self._installation, few, self._extent.rounds)
        first, later = measure_registrations(
            self._installation, self._profiles, self._extent.slow_rounds
        )
        self.growth["Register to result"] = scale.growth(later, "register", self._extent.sizes)
        return [*rows, *registration_rows(first, later, self._few, self._many)]

    def _keys(self) -> list[Row]:
        count = self._extent.rotated
        profile = self._profiles.get(count) or make_profile(
            self._installation, f"with-{count}", count
        )
        return measure_rotation(self._installation, profile, self._extent.slow_rounds)

    def _verify(self) -> list[Row]:
        return measure_verify(
            self._installation, self._extent.verified, self._extent.longest_rounds
        )


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
    parser.add_argument("--work", type=Path, help="keep environments there, and use them again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
