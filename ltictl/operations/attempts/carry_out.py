"""Carry out one attempt for a command: the first signal waits for its answer, the second leaves."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty
from typing import TypeVar

from ltictl.errors import InterruptedRunError
from ltictl.net.policy import GuardPolicy
from ltictl.operations.attempts.threads import (
    ANSWER_DEADLINE,
    AttemptThreads,
    Lane,
    Work,
    stopped_before_sending,
)
from ltictl.operations.events import Event, Finished, FinishingBegan, Inbox, StopRequest

T = TypeVar("T")
UNWINDING_SECONDS = 0.7  # enough to remove the record of an unsent request


def carry_out(
    policy: GuardPolicy, work: Work[T], lane: Lane, inbox: Inbox, show: Callable[[Event], None]
) -> T:
    """Carry out an attempt so that a first signal cannot cut it after its request was sent.

    Args:
        policy: the limits of the requests.
        work: carries the attempt out.
        lane: the names and secrets that no other attempt may use meanwhile.
        inbox: receives the signals.
        show: receives one event if the run waits for an answer in spite of a signal.

    Raises:
        LtictlError: as ``work``.
        InterruptedRunError: a signal came before the request was sent, or a second one after.
    """
    threads = AttemptThreads(policy)
    future = threads.submit(work, lane)
    # A command has one attempt: its thread ends with it.
    threads.finish()
    # It wakes the wait below, which hears nothing but the inbox.
    future.add_done_callback(lambda _: inbox.put(Finished()))
    stop = _next_signal(future, inbox)
    # Its answer may bring a client_id that the LMS issues only once, so only a second signal
    # leaves.
    if stop is not None and threads.stop():
        show(FinishingBegan(int(ANSWER_DEADLINE)))
        insisting = _next_signal(future, inbox)
        if insisting is not None:
            raise left_outstanding(insisting)
    elif stop is not None:
        # Nothing was sent: let the thread remove its record, but not for long.
        _next_signal(future, inbox, UNWINDING_SECONDS)
        if not future.done():
            raise stopped_before_sending(stop.exit_code)
    return _result(future, stop)


def _result(future: "Future[T]", stop: StopRequest | None) -> T:
    try:
        return future.result()
    except InterruptedRunError as error:
        if stop is not None:
            error.exit_code = stop.exit_code
        raise


def _next_signal(
    future: "Future[T]", inbox: Inbox, patience: float | None = None
) -> StopRequest | None:
    """Return the next signal, ``None`` where the attempt ended or the time is over."""
    while not future.done():
        try:
            item = inbox.get(timeout=patience)
        except Empty:
            return None
        if isinstance(item, StopRequest):
            return item
    return None


def left_outstanding(stop: StopRequest) -> InterruptedRunError:
    """Return the error for a run that a person left while an answer was outstanding."""
    return InterruptedRunError(
        stop.exit_code,
        "Stopped while an answer was outstanding.",
        fix="'ltictl list' names the registration; settle it with 'ltictl recover'.",
    )
