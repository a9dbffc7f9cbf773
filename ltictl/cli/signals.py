"""Ctrl-C, SIGTERM and SIGHUP as messages: a handler only puts a word into the inbox."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from ltictl.errors import ExitCode
from ltictl.operations.events import Inbox, StopRequest

_CODES = {
    "SIGINT": ExitCode.INTERRUPTED,
    "SIGTERM": ExitCode.TERMINATED,
    "SIGHUP": ExitCode.TERMINATED,
}


@contextlib.contextmanager
def signals_to(inbox: Inbox) -> Iterator[None]:
    """Send every ending signal into ``inbox`` until the block is left."""

    def note(number: int, _: FrameType | None) -> None:
        inbox.put(StopRequest(_CODES[signal.Signals(number).name]))

    present = [getattr(signal, name) for name in _CODES if hasattr(signal, name)]
    former = {each: signal.signal(each, note) for each in present}
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
