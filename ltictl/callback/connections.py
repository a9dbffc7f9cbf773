"""Connections that do not outstay their welcome: many slow ones cannot keep a real one out."""

from asyncio import Transport
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

# Connections without a request, at most: far below the 1,024 files that a process may open.
_MAX_WAITING: Final = 128
_REQUEST_SECONDS: Final = 5.0


def bounded_protocol() -> type[H11Protocol]:
    """A protocol class for one server.

    A connection has five seconds to send a whole request head. When too many wait at once, the
    one that has waited longest is cut: measured, 1,100 dripping sockets otherwise exhaust the
    process's files and a genuine visitor is never answered.
    """
    waiting: dict[H11Protocol, None] = {}

    class BoundedConnection(H11Protocol):
        def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            waiting[self] = None
            self._head_deadline = self.loop.call_later(_REQUEST_SECONDS, self._cut)
            if len(waiting) > _MAX_WAITING:
                next(iter(waiting)).transport.abort()

        def handle_events(self) -> None:
            super().handle_events()
            if self.cycle is not None:
                self._stop_waiting()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _stop_waiting(self) -> None:
            waiting.pop(self, None)
            self._head_deadline.cancel()

        def _cut(self) -> None:
            self.transport.abort()

    return BoundedConnection
