"""Connections that do not outstay their welcome: many slow ones cannot keep a real one out.

Every answer closes its connection (see ``Doorway``), so that none waits for a second request.
"""

from asyncio import Transport
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

# Connections without a whole request, at most: far below the 1,024 files that a process may open.
_MAX_WAITING: Final = 128
_HEAD_SECONDS: Final = 5.0


def bounded_protocol() -> type[H11Protocol]:
    """A protocol class for one server.

    A connection has five seconds to send a whole request head. When too many wait at once, the one
    that has waited longest is cut: measured, 1,100 dripping sockets otherwise exhaust the
    process's files and a genuine visitor is never answered.
    """
    waiting: dict[H11Protocol, None] = {}

    class BoundedConnection(H11Protocol):
        def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            waiting[self] = None
            self._deadline = self.loop.call_later(_HEAD_SECONDS, self._cut)
            if len(waiting) > _MAX_WAITING:
                oldest = next(iter(waiting))
                del waiting[oldest]  # now: it hears of its end only after all that arrive with us
                oldest.transport.abort()

        def handle_events(self) -> None:
            super().handle_events()
            if self.cycle is not None:
                self._deadline.cancel()  # for the rest of the request the application has its own
                if not self.cycle.more_body:
                    waiting.pop(self, None)

        def connection_lost(self, exc: Exception | None) -> None:
            waiting.pop(self, None)
            self._deadline.cancel()
            super().connection_lost(exc)

        def _cut(self) -> None:
            self.transport.abort()

    return BoundedConnection
