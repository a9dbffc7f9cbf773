"""One line at the bottom of a terminal that says what is waited for; nothing in a pipe."""

import contextlib

from ltictl.cli.output import Output


class LiveStatus:
    """Writes, rewrites and clears the line.

    Args:
        output: its stderr is the terminal.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._on = output.stderr_is_terminal and not output.quiet and not output.json
        self._there = False

    def show(self, text: str) -> None:
        """Put ``text`` (our own words) in the place of the line."""
        if self._on:
            self._write(f"\r\x1b[K{text}")
            self._there = True

    def clear(self) -> None:
        """Take the line away, before something else is written."""
        if self._there:
            self._write("\r\x1b[K")
            self._there = False

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._output.stderr.write(text)
            self._output.stderr.flush()
