"""A kill, a full disk, a failing disk or a signal at every call that changes something."""

from pathlib import Path

import pytest

from tests.support.scale import ASKED, FULL, chosen, one_of_each, scaled, spread

from .figures import Noted
from .scenarios import NAMES, Scenarios
from .sweep import Tally, swept
from .tracing import Call, Fault, require_strace
from .warm import Crew

POINTS_WANTED = 800
SAMPLE = 4
# A run with an LMS of its own takes as long as four others.
AT_LMS = scaled(40, 2)


@pytest.fixture(scope="module")
def counted() -> list[Tally]:
    require_strace()
    return []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_when_any_call_fails(
    name: str,
    every_scenario: Scenarios,
    crew: Crew,
    counted: list[Tally],
    tmp_path: Path,
    noted: Noted,
) -> None:
    scenario = every_scenario[name]

    def some(points: list[tuple[Call, Fault]]) -> list[tuple[Call, Fault]]:
        if ASKED.turn is not None:
            return one_of_each(points, lambda point: point[0].kind, ASKED.turn)
        return spread(points, AT_LMS) if scenario.lms else chosen(points, SAMPLE)

    tally = swept(scenario, crew, tmp_path / "sweep", some)

    counted.append(tally)
    noted("crash points", tally.points)
    noted("violations", len(tally.violations))
    noted("points that were not hit", len(tally.missed))
    assert tally.violations == []
    assert tally.missed == []
    assert tally.points >= min(SAMPLE, AT_LMS)


def test_the_sweep_is_as_wide_as_it_should_be(counted: list[Tally]) -> None:
    points = sum(tally.points for tally in counted)

    assert points >= (POINTS_WANTED if FULL else SAMPLE)
