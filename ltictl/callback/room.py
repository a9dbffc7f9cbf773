"""The number of connections that the callback server has room for."""

import importlib.util
from typing import Final

from msgspec import Struct

# As many as the room for strangers needs, and no more: what ltictl starts inherits the limit, and
# a program that uses select() cannot live with descriptors above 1,023.
_ENOUGH_FILES: Final = 1024
# The process itself has eight open; a registration takes eight more for its loop, its connection,
# its attempt and the documents.
_OWN_FILES: Final = 32
_MOST_WAITING: Final = 128


class Room(Struct, frozen=True):
    """Limits for one server.

    Attributes:
        batch: connections that are accepted at one go.
        waiting: connections without a whole request.
        connections: connections altogether.
    """

    batch: int
    waiting: int
    connections: int

    @classmethod
    def within(cls, files: int) -> "Room":
        """Return the room that a limit of open files leaves."""
        free = max(files - _OWN_FILES, 4)
        waiting = min(max(free // 2, 2), _MOST_WAITING)
        batch = max(waiting // 8, 1)
        # From accepting to closing a connection lives through five turns of the loop, each of which
        # accepts another batch. asyncio must never run out of files: it then pauses for a second,
        # and in Python 3.11 it writes a traceback for each connection of the batch.
        return cls(batch=batch, waiting=waiting, connections=max(free - 6 * batch, waiting))


def make_room() -> Room:
    """Raise this process's limit of open files where it is low, and return the room."""
    if importlib.util.find_spec("resource") is None:
        return Room.within(_ENOUGH_FILES)  # Windows has no such limit for connections
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= _ENOUGH_FILES:
        return Room.within(_ENOUGH_FILES)
    # macOS allows 256 by default, and more on request.
    wanted = _ENOUGH_FILES if hard == unlimited else min(hard, _ENOUGH_FILES)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # the system has a lower limit of its own
        wanted = soft
    return Room.within(wanted)
