"""Ctrl-C, SIGTERM and SIGHUP: messages in an inbox while a registration goes on, else an unwinding.

A handler only puts a word into the inbox or raises; a signal that the caller ignores stays ignored
(``nohup``).
"""

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

import typer

from ltictl.errors import ExitCode

if TYPE_CHECKING:
    from ltictl.operations.events import Inbox

_CODES = {
    "SIGINT": ExitCode.INTERRUPTED,
    "SIGTERM": ExitCode.TERMINATED,
    "SIGHUP": ExitCode.TERMINATED,
}
_Handler = Callable[[int, FrameType | None], None]


@contextlib.contextmanager
def signals_to(inbox: "Inbox") -> Iterator[None]:
    """Send every ending signal into ``inbox`` until the block is left."""
    from ltictl.operations.events import StopRequest

    def note(number: int, _: FrameType | None) -> None:
        inbox.put(StopRequest(_CODES[signal.Signals(number).name]))

    with _handled(note, _CODES):
        yield


class TerminatedError(SystemExit):
    """SIGTERM or SIGHUP; a ``SystemExit``, since event loops let nothing else of this kind out."""


@contextlib.contextmanager
def termination_unwinds() -> Iterator[None]:
    """Have SIGTERM and SIGHUP unwind the run as Ctrl-C does, so that nothing half-made stays.

    By a Ctrl-C of their own: an event loop turns it, and nothing else, into a clean cancellation.
    An exception out of the middle of a connection would end in a traceback.
    """
    terminated = False

    def unwind(number: int, _: FrameType | None) -> None:
        nonlocal terminated
        del number
        terminated = True
        if not callable(signal.getsignal(signal.SIGINT)):  # ignored, as in a script's background
            raise TerminatedError(ExitCode.TERMINATED)
        signal.raise_signal(signal.SIGINT)

    with _handled(unwind, [name for name, code in _CODES.items() if code is ExitCode.TERMINATED]):
        try:
            yield
        except (KeyboardInterrupt, typer.Abort):  # the second is what a prompt makes of the first
            if terminated:
                raise TerminatedError(ExitCode.TERMINATED) from None
            raise


@contextlib.contextmanager
def _handled(handler: _Handler, names: Iterable[str]) -> Iterator[None]:
    present = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heard = [each for each in present if signal.getsignal(each) is not signal.SIG_IGN]
    former = {each: signal.signal(each, handler) for each in heard}
    try:
        yield
    finally:
        for each, before in former.items():
            signal.signal(each, before)
