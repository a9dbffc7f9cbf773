"""The number of attempts at once, and the attempts that wait for others."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from ltictl.errors import InterruptedRunError, LtictlError
from ltictl.net.policy import GuardPolicy
from ltictl.operations.attempts.exchange import Send
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.attempts.threads import AttemptThreads, Lane


class Work:
    """An attempt that goes on until the test ends it; it registers nothing."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.end = threading.Event()

    def __call__(self, send: Send) -> Registered:
        del send
        self.began.set()
        if not self.end.wait(10):
            raise TimeoutError
        raise LtictlError("ended", "As the test asked.")


@pytest.fixture
def threads() -> Iterator[AttemptThreads]:
    started = AttemptThreads(GuardPolicy())
    yield started
    started.finish()


def code(future: "Future[Registered]") -> str:
    error = future.exception(10)
    assert isinstance(error, LtictlError)
    return error.code


def test_eight_lmss_go_on_at_once_and_the_ninth_waits(threads: AttemptThreads) -> None:
    works = [Work() for _ in range(9)]
    futures = [
        threads.submit(work, Lane(f"lms{number}.example")) for number, work in enumerate(works)
    ]
    assert all(work.began.wait(10) for work in works[:8])
    assert not works[8].began.wait(0.1)

    works[3].end.set()

    assert works[8].began.wait(10)
    for work in works:
        work.end.set()
    assert [code(each) for each in futures] == ["ended"] * 9


def test_two_organizations_at_one_lms_do_not_wait_for_each_other(threads: AttemptThreads) -> None:
    """A hosted LMS is one host for all of its schools."""
    acme, again, beta = Work(), Work(), Work()
    threads.submit(acme, Lane("canvas.example", organization="acme"))
    threads.submit(again, Lane("canvas.example", organization="acme"))
    threads.submit(beta, Lane("canvas.example", organization="beta"))

    assert beta.began.wait(10)
    assert acme.began.wait(10)
    assert not again.began.is_set()
    for work in (acme, again, beta):
        work.end.set()


def test_two_organizations_with_one_token_wait_for_each_other(threads: AttemptThreads) -> None:
    """An LMS may give every school the same token, and could make two tools of it at once."""
    acme, beta = Work(), Work()
    threads.submit(acme, Lane("lms.example", organization="acme", token_sha256="1"))
    threads.submit(beta, Lane("lms.example", organization="beta", token_sha256="1"))

    assert acme.began.wait(10)
    assert not beta.began.wait(0.1)
    acme.end.set()
    assert beta.began.wait(10)
    beta.end.set()


def test_another_attempt_at_the_same_lms_waits_and_lets_others_pass(
    threads: AttemptThreads,
) -> None:
    first, second, other = Work(), Work(), Work()
    for work, lms in ((first, "a.example"), (second, "a.example"), (other, "b.example")):
        threads.submit(work, Lane(lms))

    assert other.began.wait(10)
    assert not second.began.is_set()

    first.end.set()
    assert second.began.wait(10)
    second.end.set()
    other.end.set()


def test_an_invitation_counts_until_its_attempt_has_ended(threads: AttemptThreads) -> None:
    work = Work()
    future = threads.submit(work, Lane("a.example", invitation="i1"))
    with pytest.raises(LtictlError) as refused:
        threads.submit(Work(), Lane("b.example", invitation="i1"))
    assert refused.value.code == "attempt_under_way"
    work.end.set()
    assert code(future) == "ended"

    again = Work()
    again.end.set()
    assert code(_submitted(threads, again, Lane("b.example", invitation="i1"))) == "ended"


def _submitted(threads: AttemptThreads, work: Work, lane: Lane) -> "Future[Registered]":
    """Once the thread has noticed that the former one ended."""
    while True:
        try:
            return threads.submit(work, lane)
        except LtictlError:
            continue


def test_after_a_stop_nothing_is_sent(threads: AttemptThreads) -> None:
    sent: list[str] = []

    def work(send: Send) -> Registered:
        send("https://127.0.0.1:1/", {}, b"", lambda: sent.append("sent"))
        raise AssertionError

    assert threads.stop() is False

    future = threads.submit(work, Lane("a.example"))

    assert isinstance(future.exception(10), InterruptedRunError)
    assert sent == []
