"""A kill, a full disk, a failing disk or a signal at every call that changes something."""

from pathlib import Path

import pytest

from tests.support.scale import FULL, chosen

from .figures import Noted
from .scenarios import NAMES, Scenarios
from .sweep import Tally, swept
from .tracing import require_strace
from .warm import Crew

POINTS_WANTED = 800
SAMPLE = 4


@pytest.fixture(scope="module")
def counted() -> list[Tally]:
    require_strace()
    return []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_whatever_call_fails(
    name: str,
    every_scenario: Scenarios,
    crew: Crew,
    counted: list[Tally],
    tmp_path: Path,
    noted: Noted,
) -> None:
    tally = swept(
        every_scenario[name], crew, tmp_path / "sweep", lambda points: chosen(points, SAMPLE)
    )

    counted.append(tally)
    noted("crash points", tally.points)
    noted("violations", len(tally.violations))
    noted("points that were not hit", len(tally.missed))
    assert tally.violations == []
    assert tally.missed == []
    assert tally.points >= SAMPLE


def test_the_sweep_is_as_wide_as_it_should_be(counted: list[Tally]) -> None:
    points = sum(tally.points for tally in counted)

    assert points >= (POINTS_WANTED if FULL else SAMPLE)
