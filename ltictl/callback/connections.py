"""Connections that do not outstay their welcome: many slow ones cannot keep a real one out.

Every answer closes its connection (see ``Doorway``), so that none waits for a second request.
"""

from asyncio import Transport
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from ltictl.callback.room import Room

_HEAD_SECONDS: Final = 5.0


def bounded_protocol(room: Room) -> type[H11Protocol]:
    """A protocol class for one server.

    A connection has five seconds to send a whole request head. When there is no room for another
    one, the server cuts the connection that has waited longest for its request: measured, 1,100
    dripping sockets otherwise exhaust the process's files and a genuine visitor gets no answer.

    Args:
        room: for how many there is room.
    """
    waiting: dict[H11Protocol, None] = {}
    answering: set[H11Protocol] = set()

    class BoundedConnection(H11Protocol):
        def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            waiting[self] = None
            self._deadline = self.loop.call_later(_HEAD_SECONDS, self._cut)
            full = len(waiting) + len(answering) > room.connections
            if full or len(waiting) > room.waiting:
                oldest = next(iter(waiting))
                del waiting[oldest]  # now: it hears of its end only after all that arrive with us
                oldest.transport.abort()

        def handle_events(self) -> None:
            super().handle_events()
            if self.cycle is not None:
                self._deadline.cancel()  # for the rest of the request the application has its own
                if self in waiting and not self.cycle.more_body:
                    del waiting[self]
                    answering.add(self)

        def connection_lost(self, exc: Exception | None) -> None:
            waiting.pop(self, None)
            answering.discard(self)
            self._deadline.cancel()
            super().connection_lost(exc)

        def _cut(self) -> None:
            self.transport.abort()

    return BoundedConnection
