"""Runs a process on a terminal of its own, reads its screen and presses keys."""

import contextlib
import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

CONTROL_C = "\x03"
CONTROL_D = "\x04"
ENTER = "\r"
# Makes the terminal the controlling one (for Control-C and /dev/tty), then becomes the program.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A process whose stdin, stdout and stderr are one terminal."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        columns: int = 120,
        rows: int = 50,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._feed = pyte.ByteStream(self._screen)
        self._received = bytearray()
        self._ended = False
        self._news = threading.Condition()
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (rows, columns))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL, *argv],
                env={"TERM": "xterm-256color", **env},
                cwd=cwd,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    @property
    def text(self) -> str:
        """The screen as it is now, without trailing blanks."""
        with self._news:
            return self._text()

    @property
    def received(self) -> bytes:
        """All that was written to the terminal, with its control sequences."""
        with self._news:
            return bytes(self._received)

    def send(self, keys: str) -> None:
        """Press these keys; ``ENTER``, ``CONTROL_C`` and ``CONTROL_D`` are in this module."""
        os.write(self._ours, keys.encode())

    def wait_for(self, text: str, timeout: float = 15) -> str:
        """Wait until the screen shows ``text``, however its lines are broken; the whole screen."""
        wanted = _joined(text)
        return self._wait_until(lambda: wanted in _joined(self._text()), f"{text!r}", timeout)

    def wait(self, timeout: float = 15) -> int:
        """Wait for its end and for all it has written; the exit code."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"did not end in {timeout} s; the screen:\n{self.text}") from None
        self._wait_until(lambda: self._ended, "the end of the output", timeout)
        return code

    def close(self, grace: float = 3) -> None:
        """End it if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join(grace)
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def _wait_until(self, reached: Callable[[], bool], what: str, timeout: float) -> str:
        with self._news:
            self._news.wait_for(lambda: reached() or self._ended, timeout)
            screen = self._text()
            if not reached():
                raise AssertionError(f"no {what} on the screen in {timeout} s:\n{screen}")
            return screen

    def _text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def _read(self) -> None:
        # Reading a terminal whose other side is closed is an error on Linux.
        with contextlib.suppress(OSError):
            while data := os.read(self._ours, 65536):
                with self._news:
                    self._received += data
                    self._feed.feed(data)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


def _joined(text: str) -> str:
    return "".join(text.split())
