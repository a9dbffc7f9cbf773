"""Read single keys of a person who waits, and restore the terminal's mode afterwards."""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ltictl.operations.events import Inbox


@contextlib.contextmanager
def keys_to(inbox: "Inbox", *, wanted: bool) -> Iterator[None]:
    """Send every key into ``inbox`` until the block is left.

    Args:
        inbox: receives a ``KeyPressed`` for each key.
        wanted: whether to read keys at all; on Windows ltictl reads none.
    """
    try:
        import termios
    except ImportError:
        wanted = False
    if not wanted or not _in_foreground():
        yield
        return
    descriptor = sys.stdin.fileno()
    former = termios.tcgetattr(descriptor)
    changed = termios.tcgetattr(descriptor)
    changed[3] &= ~(termios.ICANON | termios.ECHO)
    ended, end = os.pipe()
    reader = threading.Thread(target=_read, args=(descriptor, ended, inbox), daemon=True)
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, changed)
        reader.start()
        yield
    finally:
        os.close(end)
        reader.join()
        os.close(ended)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, former)


def _in_foreground() -> bool:
    """Return whether this run is in the foreground of its terminal."""
    # Reading from the terminal would stop a run in a shell's background.
    with contextlib.suppress(OSError, ValueError):
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    return False


def _read(descriptor: int, ended: int, inbox: "Inbox") -> None:
    from ltictl.operations.events import KeyPressed

    while True:
        ready, _, _ = select.select([descriptor, ended], [], [])
        if ended in ready or not _in_foreground():
            return
        key = os.read(descriptor, 1)
        if not key:
            return
        inbox.put(KeyPressed(key.decode("ascii", "replace")))
