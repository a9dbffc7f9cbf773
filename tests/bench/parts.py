"""The parts of the benchmark, and how much each measures in the full and in the short form."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from tests.bench import plot, scale
from tests.bench.completion import measure_completion
from tests.bench.installation import Installation
from tests.bench.keys import measure_rotation
from tests.bench.lms_sides import measure_sides
from tests.bench.profiles import MadeProfile, make_profile
from tests.bench.registration import (
    measure_guesses,
    measure_registrations,
    measure_url,
    registration_rows,
)
from tests.bench.report import Row
from tests.bench.rivals import measure_rivals, rival_rows
from tests.bench.startup import measure_startup
from tests.bench.verification import measure_verify, verify_rows

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        sizes: integrations of the profiles that grow.
        rounds: of commands that take a tenth of a second.
        slow_rounds: of what takes about a second.
        verified: integrations that ``verify --all`` checks, to rounds beside the bare loop.
        compared: of these, the number whose speed has a target.
    """

    sizes: tuple[int, ...]
    rounds: int
    slow_rounds: int
    verified: dict[int, int]
    compared: int


FULL = Extent(
    (10, 100, _THOUSAND, 10_000),
    rounds=21,
    slow_rounds=5,
    verified={10: 0, 100: 0, _THOUSAND: 2, 10_000: 0},
    compared=_THOUSAND,
)
# The sizes of the targets themselves: in smaller profiles starting alone would decide.
SHORT = Extent(
    (10, _THOUSAND, 10_000), rounds=9, slow_rounds=3, verified={10: 0, 300: 1}, compared=300
)


@dataclass
class Bench:
    """One run.

    Attributes:
        installation: the measured one.
        extent: how much of it.
        growth: lines of the plot, as far as they are measured.
    """

    installation: Installation
    extent: Extent
    growth: dict[str, plot.Line] = field(default_factory=dict)

    def measure(self, part: str) -> list[Row]:
        """The rows of one of ``PARTS``.

        Raises:
            RuntimeError: the measured command failed.
        """
        return _MEASURED[part](self)

    @cached_property
    def profiles(self) -> dict[int, MadeProfile]:
        """By the number of integrations."""
        return {
            count: make_profile(self.installation, f"with-{count}", count)
            for count in self.extent.sizes
        }

    @property
    def few(self) -> MadeProfile:
        """The smallest profile."""
        return self.profiles[min(self.extent.sizes)]


def _startup(bench: Bench) -> list[Row]:
    return measure_startup(bench.installation, bench.few, bench.extent.rounds)


def _completion(bench: Bench) -> list[Row]:
    return measure_completion(bench.installation, bench.profiles, bench.extent.rounds)


def _lists(bench: Bench) -> list[Row]:
    found = scale.measure_lists(bench.installation, bench.profiles, bench.extent.slow_rounds)
    bench.growth["list --json"] = scale.growth(found, "list", bench.extent.sizes)
    return scale.list_rows(found, bench.installation, bench.profiles)


def _terminal(bench: Bench) -> list[Row]:
    most = max(bench.extent.sizes)
    found = scale.measure_terminal(
        bench.installation, bench.profiles[most], bench.extent.slow_rounds
    )
    return scale.terminal_rows(found, most)


def _single(bench: Bench) -> list[Row]:
    sizes = bench.extent.sizes
    found = scale.measure_single(bench.installation, bench.profiles, bench.extent.rounds)
    for name in ("activate", "show"):
        bench.growth[name] = scale.growth(found, name, sizes)
    return scale.single_rows(found, min(sizes), max(sizes))


def _apply(bench: Bench) -> list[Row]:
    most = max(bench.extent.sizes)
    found = scale.measure_apply(bench.installation, bench.profiles[most], bench.extent.slow_rounds)
    return scale.apply_rows(found, most)


def _export(bench: Bench) -> list[Row]:
    most = max(bench.extent.sizes)
    found = scale.measure_export(bench.installation, bench.profiles[most], bench.extent.slow_rounds)
    return scale.export_rows(found, most)


def _organization(bench: Bench) -> list[Row]:
    sizes = bench.extent.sizes
    found = scale.measure_organization(bench.installation, bench.profiles, bench.extent.slow_rounds)
    return scale.organization_rows(found, min(sizes), max(sizes))


def _register(bench: Bench) -> list[Row]:
    sizes, rounds = bench.extent.sizes, bench.extent.slow_rounds
    rows = measure_url(bench.installation, bench.few, bench.extent.rounds)
    rows += measure_guesses(bench.installation, make_profile(bench.installation, "guesses", 10))
    first, later = measure_registrations(bench.installation, bench.profiles, rounds)
    bench.growth["Register to result"] = scale.growth(later, "register", sizes)
    return [*rows, *registration_rows(first, later, min(sizes), max(sizes))]


def _rivals(bench: Bench) -> list[Row]:
    profile = make_profile(bench.installation, "rivals", 10)
    return rival_rows(measure_rivals(bench.installation, profile, bench.extent.slow_rounds))


def _keys(bench: Bench) -> list[Row]:
    profile = bench.profiles[_THOUSAND]
    return measure_rotation(bench.installation, profile, bench.extent.slow_rounds)


def _verify(bench: Bench) -> list[Row]:
    found = measure_verify(bench.installation, bench.extent.verified)
    bench.growth["verify --all"] = [(count, each.typical) for count, each in found.items()]
    return verify_rows(found, bench.extent.compared)


def _sides(bench: Bench) -> list[Row]:
    return measure_sides(bench.installation, bench.extent.compared, bench.extent.slow_rounds)


_MEASURED: dict[str, Callable[[Bench], list[Row]]] = {
    "startup": _startup,
    "completion": _completion,
    "lists": _lists,
    "terminal": _terminal,
    "single": _single,
    "apply": _apply,
    "export": _export,
    "organization": _organization,
    "register": _register,
    "rivals": _rivals,
    "keys": _keys,
    "verify": _verify,
    "sides": _sides,
}
PARTS = tuple(_MEASURED)
