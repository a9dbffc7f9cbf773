"""One line at the bottom of a terminal that says what is waited for; nothing in a pipe.

It appears when a command has been at work for a while, so that quick ones stay quiet, and a mark
in it turns. Whatever else is written takes its place.
"""

import contextlib
import os
from typing import TYPE_CHECKING, Final, TextIO

from ltictl.cli.render.safe_text import safe

if TYPE_CHECKING:
    import threading

_PATIENCE: Final = 0.7  # seconds of silence that nobody minds
_PERIOD: Final = 0.15
_MARKS: Final = "|/-\\"
_ERASE: Final = "\r\x1b[K"
_USUAL_WIDTH: Final = 80


class LiveStatus:
    """Writes, turns and clears the line, in a thread of its own.

    Not rich's: that costs 75 ms to import, and hides the cursor, which a run that is killed does
    not bring back.

    Args:
        stream: the terminal.
        on: whether anything is to be shown at all.
    """

    def __init__(self, stream: TextIO, *, on: bool) -> None:
        self._stream = stream
        self._on = on
        self._text = ""
        self._drawn = 0
        self._turn: threading.Condition | None = None

    def show(self, text: str) -> None:
        """Say this from now on, until something is written or ``clear`` is called."""
        if not self._on:
            return
        turn = self._turn or self._start()
        with turn:
            self._text = safe(text)
            turn.notify()

    def clear(self) -> None:
        """Take the line away, before something else is written or somebody is asked."""
        if self._turn is None:
            return
        with self._turn:
            self._text = ""
            if self._drawn:
                self._write(_ERASE)
            self._drawn = 0

    def _start(self) -> "threading.Condition":
        import threading

        self._turn = threading.Condition()
        threading.Thread(target=self._run, args=(self._turn,), daemon=True).start()
        return self._turn

    def _run(self, turn: "threading.Condition") -> None:
        with turn:
            while True:
                turn.wait_for(lambda: self._text)
                if not self._drawn:
                    turn.wait_for(lambda: not self._text, _PATIENCE)
                if self._text:
                    self._draw()
                    turn.wait(_PERIOD)

    def _draw(self) -> None:
        mark = _MARKS[self._drawn % len(_MARKS)]
        self._drawn += 1
        # A line that is broken by the terminal could not be taken away again.
        self._write(f"{_ERASE}{mark} {self._text}"[: len(_ERASE) + self._width() - 1])

    def _width(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            return os.get_terminal_size(self._stream.fileno()).columns or _USUAL_WIDTH
        return _USUAL_WIDTH

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()
