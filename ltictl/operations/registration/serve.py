"""Run the callback server as a service: supervised, watched, and reloaded without an end."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.callback.activation import inherit_socket
from ltictl.callback.server import CallbackServer, bind
from ltictl.errors import LtictlError
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.events import (
    Event,
    Inbox,
    IntegrationRegistered,
    IntegrationUpdated,
    KeyPressed,
    MonitorBegan,
    ReloadRefused,
    SecondPassed,
    SettingsReloaded,
    StopRequest,
)
from ltictl.operations.hooks import require_hook
from ltictl.operations.invite import open_invitations
from ltictl.operations.registration.listen import Heard, Listening
from ltictl.operations.registration.listening_order import ListeningOrder, callback_base
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.supervisor import Supervisor
from ltictl.operations.requests import require_families
from ltictl.operations.signing import published_keys

if TYPE_CHECKING:
    from socket import socket

    from ltictl.operations.attempts.threads import AttemptThreads


class ServiceOrder(Struct, frozen=True):
    """The options of a service beside those of the page.

    Attributes:
        fixed_url: the page's public address from the command line, which a reload keeps; empty for
            the profile's.
        monitor_port: where the monitor listens on loopback; 0 for any.
        metrics: writes the metrics for the monitor.
        environment: of the process; the starter speaks by it.
    """

    fixed_url: str
    monitor_port: int
    metrics: Callable[[], str]
    environment: Mapping[str, str]


class Service(Listening):
    """A run of the callback server for years.

    Args:
        context: the profile.
        wanted: the order; its socket may come from the starter instead.
        reach: the LMSs that may be asked, and the limits of the requests.
        inbox: receives the events of the server's threads, and signals.
        show: called in the main thread for every event.
        order: the options of the service.
    """

    def __init__(
        self,
        context: Context,
        wanted: ListeningOrder,
        reach: Reach,
        inbox: Inbox,
        show: Callable[[Event | SecondPassed | KeyPressed], None],
        order: ServiceOrder,
    ) -> None:
        # systemd holds the port across restarts, so no visitor meets a closed door.
        self._inherited = inherit_socket(order.environment)
        if self._inherited is not None:
            host, port = self._inherited.getsockname()[:2]
            wanted = replace(wanted, host=host, port=port)
        super().__init__(context, wanted, reach, inbox, show)
        self._order = order
        self._supervisor = Supervisor(order.environment)
        self._monitor: CallbackServer | None = None
        self._stopping = False

    def close(self) -> None:
        """End the monitor, and the server after the requests in progress."""
        if self._monitor is not None:
            self._monitor.stop(0)
        super().close()

    def _listener(self) -> "socket":
        return self._inherited or super()._listener()

    def _prepare(self) -> None:
        """Begin to be watched, and say that the page answers."""
        from ltictl.callback.monitor import LOOPBACK, make_monitor

        super()._prepare()
        try:
            # Loopback alone: the metrics name customers.
            listener = bind(LOOPBACK, self._order.monitor_port)
        except LtictlError as error:
            # The same function binds the page's port, and its advice names that option.
            error.fix = error.fix.replace("--port", "--monitor-port")
            raise
        port = int(listener.getsockname()[1])
        monitor = make_monitor(port, self._problem, self._order.metrics)
        self._monitor = CallbackServer(listener, monitor)
        self._monitor.start()
        self._show(MonitorBegan(f"http://{LOOPBACK}:{port}"))
        self._supervisor.ready(self._state())

    def _problem(self) -> str:
        """Return why the service cannot register anything now, empty if it can."""
        if self._stopping:
            return "stopping"
        try:
            # A registration needs both, so a balancer should send visitors elsewhere.
            self._context.profile.settings()
            published_keys(self._context)
        except LtictlError as error:
            return f"{error.code}: {error.message}"
        return ""

    def _state(self) -> str:
        return f"{len(self._registered)} registered since the start"

    def _tick(self, left: float) -> None:
        super()._tick(left)
        self._supervisor.ping()

    def _hear(self, event: Event) -> None:
        super()._hear(event)
        if isinstance(event, IntegrationRegistered | IntegrationUpdated):
            self._supervisor.status(self._state())

    def _reload(self) -> None:
        """Check the settings, and answer at the address that they now say."""
        self._supervisor.reloading()
        try:
            self._move()
        except LtictlError as error:
            # A typing error in the file must not end a service that works.
            self._show(ReloadRefused(error))
            self._supervisor.ready(f"The settings could not be read again ({error.code})")
        else:
            number = len(open_invitations(self._context))
            self._show(SettingsReloaded(self._base, number))
            self._supervisor.ready(self._state())

    def _move(self) -> None:
        from ltictl.callback.doorway import doorway_of

        settings = self._context.profile.settings()
        # Checked before anything moves: a reload is taken as a whole or not at all.
        require_hook(self._context)
        require_families(settings)
        public_url = self._order.fixed_url or settings.callback.public_url
        base = callback_base(self._wanted.host, self._port, public_url)
        if base != self._base and self._callback is not None:
            self._callback.move(*doorway_of(base, self._port))
            self._base = base

    def _stopped(self, stop: StopRequest) -> Heard:
        """Return the registered integrations; a signal is the usual end of a service."""
        del stop
        return self._heard("signal")

    def _let_finish(self, threads: "AttemptThreads") -> None:
        self._stopping = True
        self._supervisor.stopping()
        super()._let_finish(threads)
