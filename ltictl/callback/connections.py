"""Connections that end early: many slow ones cannot keep a real one out.

Every answer closes its connection (see ``Doorway``): one connection carries one request.
"""

from asyncio import Transport
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ltictl.callback.room import Room

_HEAD_SECONDS: Final = 5.0


class _Crowd:
    """The connections of one server, by what they wait for.

    Args:
        room: for how many there is room.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._waiting: dict[H11Protocol, None] = {}  # for a whole request, oldest first
        self._answering: set[H11Protocol] = set()

    def add(self, connection: H11Protocol) -> None:
        """Let one in; where there is no room, cut the one that has waited longest."""
        self._waiting[connection] = None
        full = len(self._waiting) + len(self._answering) > self._room.connections
        if full or len(self._waiting) > self._room.waiting:
            # Measured: 1,100 sockets that drip otherwise use up the process's files, and a genuine
            # visitor gets no answer.
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]  # its end is reported too late for those that arrive with us
            oldest.transport.abort()

    def answer(self, connection: H11Protocol) -> None:
        """Note that its request is whole."""
        if connection in self._waiting:
            del self._waiting[connection]
            self._answering.add(connection)

    def is_answering(self, connection: H11Protocol) -> bool:
        """Return whether its request is whole."""
        return connection in self._answering

    def remove(self, connection: H11Protocol) -> None:
        """Forget one that has ended."""
        self._waiting.pop(connection, None)
        self._answering.discard(connection)


class _BoundedConnection(H11Protocol):
    """A connection with a deadline for its request, which is the only one that it carries."""

    crowd: _Crowd

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_HEAD_SECONDS, self._cut)
        self.crowd.add(self)

    def data_received(self, data: bytes) -> None:
        # What follows a whole request belongs to none: old clients send a line end too many.
        # After a request of HTTP/1.0 uvicorn would refuse it with a status of 400, in place of
        # the answer that is being made.
        if not self.crowd.is_answering(self):
            super().data_received(data)

    def handle_events(self) -> None:
        try:
            super().handle_events()
        except h11.LocalProtocolError:  # a status of 400 has words, the answer to a HEAD none
            self.transport.close()
        if self.cycle is not None:
            self._deadline.cancel()  # for the rest of the request the application has its own
            if not self.cycle.more_body:
                self.crowd.answer(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.remove(self)
        self._deadline.cancel()
        super().connection_lost(exc)

    def _cut(self) -> None:
        self.transport.abort()


def bounded_protocol(room: Room) -> type[H11Protocol]:
    """Return the class of one server's connections, which end five seconds after a slow beginning.

    Where there is no room for another connection, the server cuts the one that has waited longest
    for its request.

    Args:
        room: the most connections of each kind.
    """

    class BoundedConnection(_BoundedConnection):
        crowd = _Crowd(room)

    return BoundedConnection
