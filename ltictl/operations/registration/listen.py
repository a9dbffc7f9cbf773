"""Serve the callback page until the expected registrations are made."""

import gc
import time
from collections.abc import Callable
from queue import Empty
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ltictl.callback.server import CallbackServer, bind
from ltictl.errors import InterruptedRunError, LtictlError
from ltictl.model.integration import Integration, Status
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.events import (
    AttemptUnsettled,
    Event,
    Finished,
    FinishingBegan,
    Inbox,
    IntegrationActivated,
    IntegrationRegistered,
    IntegrationUpdated,
    KeyPressed,
    RegistrationFailed,
    ReloadRequest,
    SecondPassed,
    SilenceNoticed,
    StopRequest,
    WarningRaised,
)
from ltictl.operations.hooks import require_hook
from ltictl.operations.registration.listening_order import ListeningOrder, callback_base
from ltictl.operations.registration.nobody_came import nobody_came
from ltictl.operations.registration.open_page import build_callback, prepare_announcement
from ltictl.operations.registration.reach import Reach
from ltictl.operations.requests import require_families
from ltictl.operations.survey import unsettled
from ltictl.operations.switch import switch

if TYPE_CHECKING:
    from socket import socket

    from ltictl.callback.application import Callback
    from ltictl.operations.attempts.threads import AttemptThreads

_TICK_SECONDS = 0.25
_COLLECT_AFTER = 5_000  # new objects; a command that reads and ends looks for garbage hardly ever
_GRACE_FOR_RESULT = 5.0  # the browser is to see the result page, however slow the machine
_GRACE_ON_SIGNAL, _TELLING_SECONDS = 0.2, 0.05


class Heard(Struct, frozen=True):
    """The outcome of the wait.

    Attributes:
        integrations: ids, in the order of their registration.
        in_place: ids of tools that the LMS changed, and that stay switched on there.
        ended_by: the cause of an early end, ``None`` after the expected number.
    """

    integrations: tuple[str, ...]
    in_place: frozenset[str]
    ended_by: str | None = None


class Listening:
    """A run of the callback server, which answers from ``run`` to ``close``.

    Args:
        context: the profile.
        wanted: the order.
        reach: the LMSs that may be asked, and the limits of the requests.
        inbox: receives the events of the server's threads, and signals.
        show: called in the main thread for every event.
    """

    def __init__(
        self,
        context: Context,
        wanted: ListeningOrder,
        reach: Reach,
        inbox: Inbox,
        show: Callable[[Event | SecondPassed | KeyPressed], None],
    ) -> None:
        # A warning of the hook belongs between the events: the run may go on for days.
        self._context = replace(context, warn=self._warn)
        self._wanted = wanted
        self._reach = reach
        self._inbox = inbox
        self._show = show
        self._registered: list[str] = []
        self._made: set[str] = set()  # those whose tool an LMS made in this run
        self._last: Event | None = None
        self._started = 0.0
        self._shown_seconds = -1
        self._stuck: LtictlError | None = None
        self._base, self._port = "", 0
        self._server: CallbackServer | None = None
        self._callback: Callback | None = None
        self._grace = _GRACE_FOR_RESULT

    def run(self) -> Heard:
        """Listen until the wanted registrations are made.

        The server answers until ``close``: further windows of an LMS may be open.

        Raises:
            LtictlError: the port is taken, the profile cannot be used, or the server has ended.
            NobodyCameError: the timeout passed without a registration.
            InterruptedRunError: a signal came before any registration.
            NeedsRecoveryError, RefusedError: one registration was wanted, and it was cut off.
        """
        settings = self._context.profile.settings()
        require_hook(self._context)
        require_families(settings)
        # Found later, a wrong passphrase would cost the school's link.
        self._context.profile.require_passphrase()
        listener = self._listener()
        self._port = port = int(listener.getsockname()[1])
        self._base = base = callback_base(self._wanted.host, port, self._wanted.public_url)
        self._show(prepare_announcement(self._context, self._wanted, self._reach, base, port))
        for problem in unsettled(self._context)[1]:
            self._show(AttemptUnsettled(problem))
        from ltictl.operations.attempts.threads import AttemptThreads

        threads = AttemptThreads(self._reach.policy)
        self._callback = build_callback(
            self._context, self._wanted, self._reach, self._inbox, threads, base, port
        )
        self._server = CallbackServer(listener, self._callback.asgi)
        self._server.start()
        try:
            self._prepare()
            return self._wait(threads, self._server)
        except InterruptedRunError:
            self._grace = _GRACE_ON_SIGNAL
            raise

    def _listener(self) -> "socket":
        """Return the bound socket of the page."""
        return bind(self._wanted.host, self._wanted.port)

    def close(self) -> None:
        """End the server after the requests in progress."""
        if self._server is not None:
            self._server.stop(self._grace)

    def _prepare(self) -> None:
        """Import what the first visitor needs, while people are on their way."""
        from ltictl.callback import pages

        pages.compile_templates()
        self._context.profile.prepare_to_write()
        # Few objects that are made from now on stay: the collector passes over the present ones.
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)

    def _wait(self, threads: "AttemptThreads", server: CallbackServer) -> Heard:
        """Wait for the end of the run, then for outstanding answers."""
        try:
            end = self._end(server)
        finally:
            # Other LMSs' attempts may be under way when the last of the wanted ones ends.
            self._let_finish(threads)
        if isinstance(end, StopRequest):
            return self._stopped(end)
        return self._timed_out() if end == "timeout" else self._heard()

    def _end(self, server: CallbackServer) -> StopRequest | Literal["count", "timeout"]:
        """Serve until the run ends, and return the reason.

        Raises:
            LtictlError: the server has ended; or a registration was cut off, and it was the one
                that was wanted.
        """
        self._started = time.monotonic()
        deadline = self._started + self._wanted.timeout.total_seconds()
        explained = False
        while not self._wanted.count or len(self._registered) < self._wanted.count:
            server.require_running()
            now = time.monotonic()
            if self._wanted.count and now >= deadline:
                return "timeout"
            self._tick(deadline - now)
            silent = now - self._started >= self._wanted.silence.total_seconds()
            if silent and not explained and self._last is None:
                explained = True
                self._show(SilenceNoticed(int(now - self._started)))
            stop = self._next()
            if stop is not None:
                return stop
            # Another registration at that LMS has to wait until a person settled this one.
            if self._stuck is not None and self._wanted.count == 1:
                raise self._stuck
        return "count"

    def _tick(self, left: float) -> None:
        """Show the remaining time, once a second."""
        seconds = int(left)
        if seconds != self._shown_seconds:
            self._shown_seconds = seconds
            self._show(SecondPassed(seconds if self._wanted.count else None))

    def _next(self, patience: float = _TICK_SECONDS) -> StopRequest | None:
        """Show the next event, if one arrives in time, and return a request to stop."""
        try:
            item = self._inbox.get(timeout=patience)
        except Empty:
            return None
        if isinstance(item, StopRequest):
            return item
        if isinstance(item, KeyPressed):
            self._show(item)
        elif isinstance(item, ReloadRequest):
            self._reload()
        elif not isinstance(item, Finished):
            self._hear(item)
        return None

    def _reload(self) -> None:
        """Do nothing: a run reads the settings at each visit, and keeps its address."""

    def _hear(self, event: Event) -> None:
        self._last = event
        self._show(event)
        if isinstance(event, IntegrationRegistered):
            self._made.add(event.integration)
            self._follow_up(event.integration, Action.REGISTER)
        elif isinstance(event, IntegrationUpdated):
            self._made |= {event.integration} if event.new_client else set()
            self._follow_up(event.integration, Action.UPDATE)
        if isinstance(event, RegistrationFailed) and event.error.attempt:
            self._stuck = event.error

    def _follow_up(self, identifier: str, action: Action) -> None:
        """Activate a new registration where that was asked for, and run the hook."""
        self._registered.append(identifier)
        with changed(self._context, action) as change:
            change.note(identifier)
            if self._wanted.activate:
                switch(self._context, [identifier], Status.ACTIVE)
                self._show(IntegrationActivated(identifier))

    def _warn(self, warning: str) -> None:
        self._show(WarningRaised(warning))

    def _heard(self, ended_by: str | None = None) -> Heard:
        return Heard(tuple(self._registered), frozenset(self._registered) - self._made, ended_by)

    def _timed_out(self) -> Heard:
        if self._registered:
            return self._heard("timeout")
        raise nobody_came(self._last)

    def _stopped(self, stop: StopRequest) -> Heard:
        if self._registered:
            return self._heard("signal")
        raise InterruptedRunError(
            stop.exit_code,
            "Stopped; nothing was registered.",
            fix="Open invitations are still good: run 'ltictl register' again.",
        )

    def _let_finish(self, threads: "AttemptThreads") -> None:
        """Send nothing more, and wait for outstanding answers or a second signal.

        Raises:
            InterruptedRunError: the person insists on leaving; the attempts stay on disk.
        """
        if threads.stop():
            # An attempt that ended just now counts for a moment longer.
            self._insisting(self._next(_TELLING_SECONDS))
        if threads.stop():
            from ltictl.operations.attempts.threads import ANSWER_DEADLINE

            self._show(FinishingBegan(int(ANSWER_DEADLINE)))
            # The request ends at its own deadline; the rest is for storing the answer.
            deadline = time.monotonic() + ANSWER_DEADLINE + 5
            while threads.stop() and time.monotonic() < deadline:
                self._insisting(self._next())
        # Outcomes that came meanwhile: a person wants to see them, and their hooks have to run.
        while not self._inbox.empty():
            self._next()

    @staticmethod
    def _insisting(stop: StopRequest | None) -> None:
        """Leave at a second signal."""
        if stop is not None:
            from ltictl.operations.attempts.carry_out import left_outstanding

            raise left_outstanding(stop)


def stored(context: Context, identifiers: tuple[str, ...]) -> tuple[Integration, ...]:
    """Return the stored integrations with these ids."""
    return tuple(context.profile.integrations.get(each) for each in dict.fromkeys(identifiers))
