"""The one thread in which registrations are carried out, with its own event loop and client."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

from ltictl.errors import ExitCode, InterruptedRunError
from ltictl.net.client import GuardedClient, Reply
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.registering.attempt import Plan, register_once
from ltictl.operations.registering.settle import Registered

ANSWER_DEADLINE = 30.0

_Job = tuple[Plan, "Future[Registered]"]


class AttemptThread:
    """Carries out registrations, one after the other.

    A daemon thread on purpose: when a person insists on leaving, the process goes and the attempt
    stays on disk.

    Args:
        context: the profile.
        policy: what the way out allows.
    """

    def __init__(self, context: Context, policy: GuardPolicy) -> None:
        self._context = context
        self._policy = policy
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._outstanding = False
        self._stopped = False
        self._cancel: Callable[[], object] | None = None
        threading.Thread(target=self._work, name="ltictl-attempt", daemon=True).start()

    def submit(self, plan: Plan) -> "Future[Registered]":
        """Queue one registration."""
        future: Future[Registered] = Future()
        self._jobs.put((plan, future))
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
        while (job := self._jobs.get()) is not None:
            plan, future = job
            try:
                future.set_result(register_once(self._context, plan, self._post))
            except BaseException as error:  # noqa: BLE001  whoever waits for it decides
                future.set_exception(error)
            with self._gate:
                self._outstanding = False

    def _post(
        self, url: str, headers: dict[str, str], body: bytes, on_sending: Callable[[], None]
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
                return await client.post(
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
    """The error for a registration that a signal ended while that cost nothing."""
    return InterruptedRunError(
        code,
        "Stopped before anything was sent.",
        fix="Nothing was registered; the invitation can be used again.",
    )
