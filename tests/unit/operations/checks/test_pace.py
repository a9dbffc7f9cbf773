"""The words for the progress of a run."""

from hypothesis import given
from hypothesis import strategies as st

from ltictl.operations.checks.pace import pace


def test_the_first_seconds_promise_nothing() -> None:
    assert pace(1, 2, 4.9) == "1 of 2 verified ..."


def test_a_rate_and_the_time_that_is_left() -> None:
    assert pace(100, 200, 10) == "100 of 200 verified, 10 a second, 0:11 left ..."
    assert pace(10, 200, 60) == "10 of 200 verified, 10 a minute, 19:01 left ..."


@given(total=st.integers(1, 10**6), done=st.integers(0, 10**6), seconds=st.floats(0, 10**6))
def test_any_pace_can_be_written(total: int, done: int, seconds: float) -> None:
    assert pace(min(done, total), total, seconds).endswith(" ...")
