"""Handle Ctrl-C, SIGTERM and SIGHUP: tell a registration in progress, or unwind any other run.

A handler only puts a message into the inbox or raises an exception. A signal that the caller
ignores stays ignored, as under ``nohup``.
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
    """Put every signal that asks the run to end into ``inbox`` until the block is left."""
    from ltictl.operations.events import StopRequest

    def note(number: int, _: FrameType | None) -> None:
        inbox.put(StopRequest(_CODES[signal.Signals(number).name]))

    with _handled(note, _CODES):
        yield


@contextlib.contextmanager
def reloads_to(inbox: "Inbox") -> Iterator[None]:
    """Put a request to reload into ``inbox`` at each SIGHUP until the block is left."""
    from ltictl.operations.events import ReloadRequest

    def note(number: int, _: FrameType | None) -> None:
        del number
        inbox.put(ReloadRequest())

    with _handled(note, ["SIGHUP"]):
        yield


class TerminatedError(SystemExit):
    """SIGTERM or SIGHUP has ended the run."""

    # A SystemExit, since an event loop raises it to its caller and holds most others back.


@contextlib.contextmanager
def termination_unwinds() -> Iterator[None]:
    """Make SIGTERM and SIGHUP unwind the run as Ctrl-C does, so that nothing half-made stays."""
    terminated = False

    def unwind(number: int, _: FrameType | None) -> None:
        nonlocal terminated
        del number
        terminated = True
        if not callable(signal.getsignal(signal.SIGINT)):  # ignored, as in a background job
            raise TerminatedError(ExitCode.TERMINATED)
        # An event loop turns only SIGINT into a clean cancellation. An exception raised here, in
        # the middle of a connection, would end in a traceback.
        signal.raise_signal(signal.SIGINT)

    with _handled(unwind, [name for name, code in _CODES.items() if code is ExitCode.TERMINATED]):
        try:
            yield
        except (KeyboardInterrupt, typer.Abort):  # a prompt turns the first into the second
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
