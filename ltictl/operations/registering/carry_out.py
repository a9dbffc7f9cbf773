"""Carry out one attempt: the main thread waits for it, and hears signals meanwhile."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty

from ltictl.errors import InterruptedRunError
from ltictl.net.policy import GuardPolicy
from ltictl.operations.registering.attempt_thread import (
    ANSWER_DEADLINE,
    AttemptThread,
    Work,
    stopped_before_sending,
)
from ltictl.operations.registering.events import Event, Finished, Inbox, StopRequest
from ltictl.operations.registering.settle import Registered

_UNWINDING_SECONDS = 0.7  # for what was begun and not sent to be taken back


def carried_out(
    policy: GuardPolicy, work: Work, method: str, inbox: Inbox, show: Callable[[Event], None]
) -> Registered:
    """Carry out one attempt, and do not let a first signal cut it after its request was sent.

    Args:
        policy: what the way out allows.
        work: the attempt.
        method: by which its request goes out.
        inbox: where signals report.
        show: told once if an answer is waited for in spite of a signal.

    Raises:
        LtictlError: as ``work``.
        InterruptedRunError: a signal came before the request was sent, or a second one after.
    """
    thread = AttemptThread(policy)
    future = thread.submit(work, method)
    thread.finish()
    future.add_done_callback(lambda _: inbox.put(Finished()))
    stop = _next_signal(future, inbox)
    if stop is not None and thread.stop():
        show(Event("finishing", {"seconds": int(ANSWER_DEADLINE)}))
        insisting = _next_signal(future, inbox)
        if insisting is not None:
            raise _left_outstanding(insisting)
    elif stop is not None:
        _next_signal(future, inbox, _UNWINDING_SECONDS)
        if not future.done():
            raise stopped_before_sending(stop.exit_code)
    return _result(future, stop)


def _result(future: "Future[Registered]", stop: StopRequest | None) -> Registered:
    try:
        return future.result()
    except InterruptedRunError as error:
        if stop is not None:
            error.exit_code = stop.exit_code
        raise


def _next_signal(
    future: "Future[Registered]", inbox: Inbox, patience: float | None = None
) -> StopRequest | None:
    """The next signal, or ``None`` when the attempt has ended or patience is over."""
    while not future.done():
        try:
            item = inbox.get(timeout=patience)
        except Empty:
            return None
        if isinstance(item, StopRequest):
            return item
    return None


def _left_outstanding(stop: StopRequest) -> InterruptedRunError:
    return InterruptedRunError(
        stop.exit_code,
        "Stopped while an answer was outstanding.",
        fix="'ltictl list' names the registration; settle it with 'ltictl recover'.",
    )
