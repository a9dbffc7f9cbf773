"""The benchmark fails only if a figure misses its target by more than a quarter, twice."""

import pytest

from tests.bench.__main__ import measure
from tests.bench.report import Row, Verdict, far, missed


def row(
    figure: float, target: float | None = 2.0, *, at_least: bool = False, aim: bool = False
) -> Row:
    return Row("what", "1 s", "2 s", figure, target, at_least=at_least, open=aim)


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (row(2.0), Verdict.HELD),
        (row(2.4), Verdict.MISSED),
        (row(2.6), Verdict.FAR),
        (row(2.6, aim=True), Verdict.OPEN),
        (row(2.6, None), Verdict.NONE),
        (row(2.0, at_least=True), Verdict.HELD),
        (row(1.7, at_least=True), Verdict.MISSED),
        (row(1.5, at_least=True), Verdict.FAR),
    ],
)
def test_how_a_figure_stands_to_its_target(one: Row, verdict: Verdict) -> None:
    assert one.verdict is verdict


class Looks:
    """A part of the benchmark whose figures are known."""

    def __init__(self, *looks: list[Row]) -> None:
        self.left = list(looks)

    def measure(self, part: str) -> list[Row]:
        if part != "part":
            raise KeyError(part)
        return self.left.pop(0)


def test_what_holds_is_measured_once() -> None:
    looks = Looks([row(2.4), row(1.0)])

    rows = measure(looks, "part")

    assert (far(rows), len(missed(rows)), looks.left) == ([], 1, [])


def test_a_disturbance_is_looked_at_again() -> None:
    looks = Looks([row(9.0), row(1.0)], [row(1.9), row(7.0)])

    assert [each.figure for each in measure(looks, "part")] == [1.9, 1.0]


def test_a_part_that_is_slow_twice_fails() -> None:
    looks = Looks([row(2.6), row(1.0)], [row(3.0), row(1.0)])

    assert [each.figure for each in far(measure(looks, "part"))] == [2.6]
