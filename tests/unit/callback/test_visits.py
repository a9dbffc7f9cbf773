"""An ended or old visit makes room for a new one, and a visit in progress stays."""

from concurrent.futures import Future

import pytest

from ltictl.callback import visits
from ltictl.callback.desk import Outcome, Result
from ltictl.callback.opened_url import OpenedUrl
from ltictl.callback.visits import Visit, Visits

ENOUGH = 500


def enter(entered: Visits, number: int) -> Visit:
    opened = OpenedUrl("id.secret", f"https://lms.invalid/{number}", "token")
    return entered.enter(f"invitation-{number}", opened, "")


def end(visit: Visit) -> None:
    visit.outcome = Future()
    visit.outcome.set_result(Result(Outcome.REGISTERED, "Connected."))


def test_an_ended_visit_goes_when_there_are_enough() -> None:
    entered = Visits()
    every = [enter(entered, number) for number in range(ENOUGH)]
    end(every[3])
    enter(entered, ENOUGH)

    assert entered.get(every[3].id) is None
    assert entered.get(every[0].id) is every[0]


def test_a_visit_without_an_answer_stays_however_many_there_are() -> None:
    entered = Visits()
    every = [enter(entered, number) for number in range(ENOUGH + 50)]

    assert all(entered.get(each.id) is each for each in every)


def test_a_visit_of_the_day_before_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = Visits()
    first = enter(entered, 0)
    monkeypatch.setattr(visits, "_ENOUGH", 1)
    first.entered -= 24 * 60 * 60 + 1
    enter(entered, 1)

    assert entered.get(first.id) is None


def test_a_registration_under_way_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = Visits()
    first = enter(entered, 0)
    first.outcome = Future()
    monkeypatch.setattr(visits, "_ENOUGH", 1)
    enter(entered, 1)

    assert entered.get(first.id) is first


def test_the_holder_of_one_link_keeps_its_latest_visits_only() -> None:
    entered = Visits()
    every = [
        entered.enter("one", OpenedUrl("id.secret", f"https://lms.invalid/{number}", "token"), "")
        for number in range(21)
    ]

    assert entered.get(every[0].id) is None
    assert all(entered.get(each.id) is each for each in every[1:])
