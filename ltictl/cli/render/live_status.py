"""The line at the bottom of a terminal that names the work in progress; a pipe gets none.

It appears only after a while, so that quick commands stay quiet, and any other output replaces it.
"""

import contextlib
import os
from typing import TYPE_CHECKING, Final, TextIO

from ltictl.cli.render.safe_text import safe

if TYPE_CHECKING:
    import threading

_PATIENCE: Final = 0.7  # seconds before the line appears
_PERIOD: Final = 0.15
_MARKS: Final = "|/-\\"
_ERASE: Final = "\r\x1b[K"
_USUAL_WIDTH: Final = 80


class LiveStatus:
    """The line, with a turning mark that a thread of its own draws.

    Args:
        stream: the terminal.
        on: whether to show anything.
    """

    # Not rich's status line: rich takes 75 ms to import and hides the cursor, which stays hidden
    # when a run is killed.

    def __init__(self, stream: TextIO, *, on: bool) -> None:
        self._stream = stream
        self._on = on
        self._text = ""
        self._drawn = 0
        self._turn: threading.Condition | None = None

    def show(self, text: str) -> None:
        """Show ``text`` until other output or ``clear`` removes it."""
        if not self._on:
            return
        turn = self._turn or self._start()
        with turn:
            self._text = safe(text)
            turn.notify()

    def clear(self) -> None:
        """Remove the line, before other output or a question."""
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
        # ltictl could not remove a line that the terminal has wrapped.
        self._write(f"{_ERASE}{mark} {self._text}"[: len(_ERASE) + self._width() - 1])

    def _width(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            return os.get_terminal_size(self._stream.fileno()).columns or _USUAL_WIDTH
        return _USUAL_WIDTH

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()
