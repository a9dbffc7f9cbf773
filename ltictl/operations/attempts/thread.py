"""The one thread in which attempts are carried out, each with its own event loop and client."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue

from ltictl.errors import ExitCode, InterruptedRunError
from ltictl.net.client import GuardedClient, prepare
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.operations.attempts.exchange import Send
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.events import Event, Finished, FinishingBegan, Inbox, StopRequest

ANSWER_DEADLINE = 30.0
_UNWINDING_SECONDS = 0.7  # for what was begun and not sent to be taken back

# Carries out one attempt, with what sends its request.
Work = Callable[[Send], Registered]


class AttemptThread:
    """Carries out attempts, one after the other.

    A daemon thread on purpose: when a person insists on leaving, the process goes and the attempt
    stays on disk.

    Args:
        policy: what the way out allows.
    """

    def __init__(self, policy: GuardPolicy) -> None:
        self._policy = policy
        self._jobs: SimpleQueue[tuple[Work, str, Future[Registered]] | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._outstanding = False
        self._stopped = False
        self._cancel: Callable[[], object] | None = None
        threading.Thread(target=self._work, name="ltictl-attempt", daemon=True).start()

    def submit(self, work: Work, method: str = "POST") -> "Future[Registered]":
        """Queue one attempt, whose request goes out by ``method``."""
        future: Future[Registered] = Future()
        self._jobs.put((work, method, future))
        return future

    def finish(self) -> None:
        """End the thread as soon as what was queued is done."""
        self._jobs.put(None)

    def stop(self) -> bool:
        """Let nothing more be sent; what has been sent goes on.

        Returns:
            Whether an answer is outstanding.
        """
        with self._gate:
            self._stopped = True
            if not self._outstanding and self._cancel is not None:
                self._cancel()
            return self._outstanding

    def _work(self) -> None:
        with contextlib.suppress(Exception):  # whatever is wrong, the first request tells
            prepare(self._policy)  # while people are on their way to the LMS
        while (job := self._jobs.get()) is not None:
            work, method, future = job
            try:
                future.set_result(work(partial(self._send, method)))
            except BaseException as error:  # noqa: BLE001  whoever waits for it decides
                future.set_exception(error)
            with self._gate:
                self._outstanding = False

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes,
        on_sending: Callable[[], None],
    ) -> Reply:
        def sending() -> None:
            with self._gate:
                if self._stopped:
                    raise stopped_before_sending()
                on_sending()
                self._outstanding = True

        async def exchange() -> Reply:
            self._allow_cancelling()
            async with GuardedClient(self._policy) as client:
                return await client.send(
                    method,
                    url,
                    headers=headers,
                    content=body,
                    deadline=ANSWER_DEADLINE,
                    on_sending=sending,
                )

        try:
            return asyncio.run(exchange())
        except asyncio.CancelledError:
            raise stopped_before_sending() from None
        finally:
            self._cancel = None

    def _allow_cancelling(self) -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def cancel() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself meanwhile
                if task is not None:
                    loop.call_soon_threadsafe(task.cancel)

        with self._gate:
            if self._stopped:
                raise stopped_before_sending()
            self._cancel = cancel


def stopped_before_sending(code: ExitCode = ExitCode.INTERRUPTED) -> InterruptedRunError:
    """The error for an attempt that a signal ended while that cost nothing."""
    return InterruptedRunError(
        code,
        "Stopped before anything was sent.",
        fix="Nothing was registered; the invitation can be used again.",
    )


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
        show(FinishingBegan(int(ANSWER_DEADLINE)))
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
