"""The parts of the benchmark, and how much each measures in the full and in the short form."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from tests.bench import growth, scale
from tests.bench.completion import measure_completion
from tests.bench.installation import Installation
from tests.bench.keys import measure_nothing_due, measure_rotation
from tests.bench.lms_sides import measure_sides
from tests.bench.load import load_rows, measure_load
from tests.bench.profiles import MadeProfile, make_profile
from tests.bench.registration import (
    measure_guesses,
    measure_registrations,
    measure_url,
    registration_rows,
)
from tests.bench.report import Row
from tests.bench.rivals import measure_rivals, rival_rows
from tests.bench.shared import bucket_rows, measure_bucket
from tests.bench.startup import measure_demo, measure_startup
from tests.bench.verification import measure_far, measure_verify, verify_rows
from tests.support.growth_plot import Line

_THOUSAND = 1000
_FAR_ROUNDS = 2  # of ten thousand requests each, through a proxy in Python
_GROWTH_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        sizes: integrations of the profiles that grow.
        rounds: of commands that take a tenth of a second.
        slow_rounds: of what takes about a second.
        verified: integrations that ``verify --all`` checks, to rounds beside the bare loop.
        compared: of these, the number whose speed has a target.
        largest: integrations of one more profile, 0 for none.
        at_once: registrations at one server, fifty at once.
    """

    sizes: tuple[int, ...]
    rounds: int
    slow_rounds: int
    verified: dict[int, int]
    compared: int
    largest: int = 0
    at_once: int = 0


FULL = Extent(
    (10, 100, _THOUSAND, 10_000),
    rounds=21,
    slow_rounds=5,
    verified={10: 0, 100: 0, _THOUSAND: 2, 10_000: 0},
    compared=_THOUSAND,
    largest=100_000,
    at_once=2000,
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
    growth: dict[str, Line] = field(default_factory=dict)

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

    @cached_property
    def growing(self) -> dict[int, MadeProfile]:
        """These profiles and one more, which only the plot needs."""
        largest = self.extent.largest
        name = f"with-{largest}"
        return {**self.profiles, largest: make_profile(self.installation, name, largest)}

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
    found = scale.measure_organization(bench.installation, bench.profiles, bench.extent.slow_rounds)
    return scale.organization_rows(found, max(bench.extent.sizes))


def _bucket(bench: Bench) -> list[Row]:
    # Ten thousand uploads take longer than the short form may.
    profile = bench.profiles[_THOUSAND if bench.extent is SHORT else max(bench.extent.sizes)]
    found = measure_bucket(bench.installation, profile, _FAR_ROUNDS)
    return bucket_rows(found, len(profile.ids))


def _register(bench: Bench) -> list[Row]:
    sizes, rounds = bench.extent.sizes, bench.extent.slow_rounds
    rows = measure_url(bench.installation, bench.few, bench.extent.rounds)
    rows += measure_guesses(bench.installation, make_profile(bench.installation, "guesses", 10))
    profiles = bench.growing if bench.extent.largest else bench.profiles
    first, later = measure_registrations(bench.installation, profiles, rounds)
    bench.growth["Register to result"] = scale.growth(later, "register", profiles)
    return [*rows, *registration_rows(first, later, min(sizes), max(sizes))]


def _rivals(bench: Bench) -> list[Row]:
    profile = make_profile(bench.installation, "rivals", 10)
    return rival_rows(measure_rivals(bench.installation, profile, bench.extent.slow_rounds))


def _keys(bench: Bench) -> list[Row]:
    profile = bench.profiles[_THOUSAND]
    rows = measure_rotation(bench.installation, profile, bench.extent.slow_rounds)
    return [
        *rows,
        *measure_nothing_due(bench.installation, _THOUSAND, bench.few, bench.extent.rounds),
    ]


def _verify(bench: Bench) -> list[Row]:
    found = measure_verify(bench.installation, bench.extent.verified)
    bench.growth["verify --all"] = [(count, each.typical) for count, each in found.items()]
    return [
        *verify_rows(found, bench.extent.compared),
        *measure_far(bench.installation, bench.extent.compared),
    ]


def _sides(bench: Bench) -> list[Row]:
    return measure_sides(bench.installation, bench.extent.compared, bench.extent.slow_rounds)


def _demo(bench: Bench) -> list[Row]:
    return measure_demo(bench.installation, bench.few, bench.extent.slow_rounds)


def _load(bench: Bench) -> list[Row]:
    if not bench.extent.at_once:
        return []
    profile = make_profile(bench.installation, "load", 10)
    return load_rows(measure_load(bench.installation, profile, bench.extent.at_once))


def _growth(bench: Bench) -> list[Row]:
    if not bench.extent.largest:
        return []
    found = growth.measure_growth(bench.installation, bench.growing, _GROWTH_ROUNDS)
    bench.growth |= growth.growth_lines(found, tuple(bench.growing))
    return growth.growth_rows(found, bench.installation, bench.growing[bench.extent.largest])


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
    "bucket": _bucket,
    "rivals": _rivals,
    "keys": _keys,
    "verify": _verify,
    "sides": _sides,
    "demo": _demo,
    "load": _load,
    "growth": _growth,
}
PARTS = tuple(_MEASURED)
