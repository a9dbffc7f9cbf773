"""A defect is called a defect, and the clock is blamed only if it is wrong."""

import time

import pytest

from ltictl.cli import app


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(app, "_run", fail)


@pytest.mark.usefixtures("failing")
def test_a_number_that_overflows_is_a_defect_while_the_clock_is_sound(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert app.main(["list", "--json"]) == 1

    assert '"internal_error"' in capsys.readouterr().out


@pytest.mark.usefixtures("failing")
def test_the_clock_is_named_where_it_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def beyond() -> float:
        raise OverflowError("timestamp too large to convert to C _PyTime_t")

    monkeypatch.setattr(time, "time", beyond)

    assert app.main(["list", "--json"]) == 1
    assert '"clock_unusable"' in capsys.readouterr().out
