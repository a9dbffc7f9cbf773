"""Threads that carry out attempts: one at a time for an organization at an LMS, others at once."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from hmac import compare_digest
from typing import Any, Final, TypeVar

from msgspec import Struct, field

from ltictl.errors import Actor, ExitCode, InterruptedRunError, LtictlError
from ltictl.net.client import GuardedClient, load_client
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.operations.attempts.exchange import Send

ANSWER_DEADLINE = 30.0
# Side by side, at most. Each invitation holds one place at most, so that a stranger needs as many
# invitations as there are places to make the next one wait.
_PLACES: Final = 8

T = TypeVar("T")
# Carries out one attempt, with what sends its request.
Work = Callable[[Send], T]


class Lane(Struct, frozen=True):
    """The names and secrets that a running attempt has for itself.

    Attributes:
        lms: host and port that get the request.
        method: HTTP method of the request.
        invitation: id, empty for none.
        organization: slug, empty where the command runs for no one in particular.
        token_sha256: digest of the registration token, empty for none.
    """

    lms: str
    method: str = "POST"
    invitation: str = ""
    organization: str = ""
    token_sha256: str = ""

    def excludes(self, other: "Lane") -> bool:
        """Return whether the attempt of another lane has to wait for this one's."""
        if self.lms != other.lms:
            return False
        # An attempt whose outcome is open stops the next one of its organization at this LMS.
        # Moodle looks for a tool of the same token and adds one in two steps: two requests at once
        # could leave two tools there.
        same_token = bool(self.token_sha256) and compare_digest(
            self.token_sha256, other.token_sha256
        )
        return same_token or self.organization == other.organization


class _Job(Struct, eq=False):
    """One submitted attempt that has not ended.

    Attributes:
        work: carries the attempt out.
        lane: the names and secrets that no other attempt may use meanwhile.
        outcome: its future result.
        gate: held during the write that records the sending.
        sent: whether the request may have left.
        cancel: ends its exchange, ``None`` before the exchange begins.
    """

    work: Work[Any]
    lane: Lane
    outcome: "Future[Any]" = field(default_factory=Future)
    gate: threading.Lock = field(default_factory=threading.Lock)
    sent: bool = False
    cancel: Callable[[], object] | None = None


class AttemptThreads:
    """Carries out attempts in threads of their own.

    Args:
        policy: the limits of the requests.
    """

    def __init__(self, policy: GuardPolicy) -> None:
        self._policy = policy
        self._changed = threading.Condition()
        self._queue: deque[_Job] = deque()
        self._running: list[_Job] = []
        self._threads = 0
        self._finished = False
        self._stopped = False
        self._start_thread(self._prepare)  # while people are on their way to the LMS

    def submit(self, work: Work[T], lane: Lane) -> "Future[T]":
        """Queue an attempt, and return its future result.

        Raises:
            LtictlError: ``attempt_under_way``: the invitation has one that has not ended.
        """
        job = _Job(work, lane)
        with self._changed:
            ours = {each.lane.invitation for each in (*self._running, *self._queue)}
            # An invitation is good for one registration.
            if lane.invitation and lane.invitation in ours:
                raise _invitation_in_use()
            self._queue.append(job)
            # A thread that waits takes the attempt; another one is started only where none waits.
            idle = self._threads - len(self._running)
            if idle < len(self._queue) and self._threads < _PLACES:
                self._start_thread()
            self._changed.notify_all()
        return job.outcome

    def finish(self) -> None:
        """End the threads as soon as the queue is empty."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def stop(self) -> bool:
        """Send nothing more; requests that have left go on.

        Returns:
            Whether an answer is outstanding.
        """
        with self._changed:
            self._stopped = True
            running = list(self._running)
        for job in running:
            with job.gate:
                if not job.sent and job.cancel is not None:
                    job.cancel()
        return any(job.sent for job in running)

    def _start_thread(self, first: Callable[[], None] = lambda: None) -> None:
        def run() -> None:
            first()
            self._carry_out_all()

        self._threads += 1
        # A daemon: when a person insists on leaving, the process ends and the attempts stay on
        # disk.
        threading.Thread(target=run, name="ltictl-attempt", daemon=True).start()

    def _prepare(self) -> None:
        with contextlib.suppress(Exception):  # the first request explains the same error
            load_client(self._policy)

    def _carry_out_all(self) -> None:
        while (job := self._next()) is not None:
            try:
                job.outcome.set_result(job.work(partial(self._send, job)))
            except BaseException as error:  # noqa: BLE001  the one who waits for it decides
                job.outcome.set_exception(error)
            # Only now: a run that stops has to wait until the outcome is set.
            with self._changed:
                self._running.remove(job)
                self._changed.notify_all()

    def _next(self) -> _Job | None:
        """Return the first attempt whose LMS is free, ``None`` at the end of the run."""
        with self._changed:
            while True:
                for job in self._queue:
                    if not any(each.lane.excludes(job.lane) for each in self._running):
                        self._queue.remove(job)
                        self._running.append(job)
                        return job
                if self._finished and not self._queue:
                    return None
                self._changed.wait()

    def _send(
        self,
        job: _Job,
        url: str,
        headers: dict[str, str],
        body: bytes,
        on_sending: Callable[[], None],
    ) -> Reply:
        def sending() -> None:
            # The gate spans both: ``stop`` either prevents the note or sees the request as sent.
            with job.gate:
                if self._stopped:
                    raise stopped_before_sending()
                on_sending()
                job.sent = True

        async def exchange() -> Reply:
            self._allow_cancelling(job)
            async with GuardedClient(self._policy) as client:
                return await client.send(
                    job.lane.method,
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
            # Its event loop has ended, so that ``stop`` could not call into it any more.
            job.cancel = None

    def _allow_cancelling(self, job: _Job) -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def cancel() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself meanwhile
                if task is not None:
                    loop.call_soon_threadsafe(task.cancel)

        with job.gate:
            if self._stopped:
                raise stopped_before_sending()
            job.cancel = cancel


def stopped_before_sending(code: ExitCode = ExitCode.INTERRUPTED) -> InterruptedRunError:
    """Return the error for an attempt that a signal ended before its request was sent."""
    return InterruptedRunError(
        code,
        "Stopped before anything was sent.",
        fix="Nothing was registered; the invitation can be used again.",
    )


def _invitation_in_use() -> LtictlError:
    return LtictlError(
        "attempt_under_way",
        "Another registration with this link is under way.",
        why="A link is for one registration.",
        fix="Wait until it ends.",
        actor=Actor.LMS_ADMINISTRATOR,
    )
