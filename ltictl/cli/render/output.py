"""The two output streams: data on stdout, the rest on stderr, one JSON object on request."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TextIO

from msgspec import Struct, field

from ltictl.cli.render.envelope import Envelope
from ltictl.cli.render.live_status import LiveStatus
from ltictl.cli.render.safe_text import safe
from ltictl.cli.render.streams import may_be_coloured, nowhere, understands_escapes, write
from ltictl.errors import ExitCode, HookWarning, LtictlError
from ltictl.model.moment import rfc3339

_WIDEST = 100_000  # cells of a line without a limit


class Report(Struct, frozen=True):
    """The final report of a command.

    Attributes:
        data: for the JSON envelope.
        human: writes the same for people; not called with ``--json``.
        warnings: one sentence each.
        changes: whether ``--detailed-exitcode`` reports changes.
        error: the reason why the run fails although it has a report; people read it in the output
            of ``human``, programs in the envelope. A function returns it once the data is written.
        bare: a document to print instead of the envelope (``jwks``, ``export``).
        at_once: see ``Envelope``.
    """

    data: dict[str, Any]
    human: "Callable[[Output], None]"
    warnings: tuple[str, ...] = ()
    changes: bool = False
    error: LtictlError | Callable[[], LtictlError | None] | None = None
    bare: str | None = None
    at_once: bool = False

    def failure(self, warnings: Sequence[str]) -> LtictlError | None:
        """Return the reason why the run fails, if it does; a failed hook is one, too.

        Args:
            warnings: all warnings of the run.
        """
        error = self.error() if callable(self.error) else self.error
        if error is None and any(isinstance(each, HookWarning) for each in warnings):
            return LtictlError(
                "hook_failed",
                "The change is made, but the hook failed.",
                why="hooks.after_change in profile.toml ended with an error; see the warnings.",
                fix="Correct the hook and do its work by hand: it is not run again by itself.",
            )
        return error

    def exit_code(self, warnings: Sequence[str]) -> ExitCode:
        """Return the exit code of the run; ``warnings`` are those of ``failure``."""
        failure = self.failure(warnings)
        if failure is not None:
            return failure.exit_code
        return ExitCode.CHANGES if self.changes else ExitCode.DONE


class Output(Struct, dict=True):
    """The two streams of one run.

    Attributes:
        json: whether to print the envelope.
        quiet: whether to print only data, warnings and errors.
        verbose: whether to print details.
        profile: the value of ``--profile`` in offered commands, empty for none.
        unfinished: the JSON object of which a part is on stdout, so that no other may follow.
    """

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    profile: str = ""
    stdout: TextIO = field(default_factory=lambda: sys.stdout or nowhere())
    stderr: TextIO = field(default_factory=lambda: sys.stderr or nowhere())
    unfinished: Envelope | None = None

    @cached_property
    def status(self) -> LiveStatus:
        """The line at the bottom of the terminal."""
        talkative = not self.quiet and not self.json and self.stderr_is_terminal
        return LiveStatus(self.stderr, on=talkative and understands_escapes())

    @cached_property
    def gathered(self) -> list[str]:
        """The warnings of operations so far; the end of the run writes them."""
        return []

    @cached_property
    def complete(self) -> Callable[[str], str]:
        """The function that makes offered commands act on the profile of this run."""
        if not self.profile:
            return str
        from ltictl.cli.render.hints import repeat_profile

        return repeat_profile(self.profile)

    def _clean(self, text: str) -> str:
        return safe(self.complete(text))

    @property
    def stdout_is_terminal(self) -> bool:
        """Whether stdout is a terminal, so that a person reads it."""
        return self.stdout.isatty()

    @property
    def stdout_is_coloured(self) -> bool:
        """Whether stdout may have colours and bold text."""
        return self.stdout_is_terminal and may_be_coloured()

    @property
    def stderr_is_terminal(self) -> bool:
        """Whether stderr is a terminal, so that a person reads it."""
        return self.stderr.isatty()

    def line(self, text: str = "", *, hanging: int = 0) -> None:
        """Write a line of data to stdout; on a terminal, ``hanging`` indents its further lines."""
        self._put(self.stdout, self._broken(self.stdout, self._clean(text), hanging))

    def verdict(self, word: str, text: str) -> None:
        """Write a line of data to stdout that begins with a verdict, in the verdict's colour."""
        from ltictl.cli.render.table import STATES

        line = self._broken(self.stdout, f"{word:4}  {self._clean(text)}", len("fail  "))
        if self.stdout_is_coloured:
            line = f"\x1b[{STATES[word]}m{word}\x1b[0m{line[len(word) :]}"
        self._put(self.stdout, line)

    def raw(self, text: str) -> None:
        """Write a document of ltictl's own to stdout unchanged."""
        self._put(self.stdout, text)

    def note(self, text: str = "", *, hanging: int = 0) -> None:
        """Write a line for a person to stderr, but not with ``--quiet`` or ``--json``.

        On a terminal, ``hanging`` indents its further lines.
        """
        if not self.quiet and not self.json:
            self._put(self.stderr, self._broken(self.stderr, self._clean(text), hanging))

    def urgent(self, text: str) -> None:
        """Write a line for a person to stderr, even with ``--quiet``."""
        self._put(self.stderr, f"{self._clean(text)}\n")

    def warn(self, text: str) -> None:
        """Write a warning to stderr; with ``--json`` the envelope has it instead."""
        if not self.json:
            line = self._broken(self.stderr, f"warning: {self._clean(text)}", len("warning: "))
            self._put(self.stderr, line.replace("warning:", self._painted("warning:", "33"), 1))

    def event(self, document: dict[str, object]) -> None:
        """Write an event of ``register --json`` to stderr at once, as JSON on one line."""
        import json

        self._put(self.stderr, json.dumps(document) + "\n")

    @property
    def shows_ages(self) -> bool:
        """Whether to show times as ages, which a person reads without ``--verbose``."""
        return self.stdout_is_terminal and not self.verbose

    def moment(self, when: datetime | None, now: datetime) -> str:
        """Write a time as ``3 days ago``, or exactly for programs and with ``--verbose``."""
        if when is None:
            return ""
        if not self.shows_ages:
            return rfc3339(when)
        from ltictl.cli.render.ages import age

        return age(when, now)

    def picture(self, lines: Sequence[str]) -> None:
        """Write a picture of blocks to stderr, dark on light in any terminal."""
        begin, end = ("\x1b[30;47m", "\x1b[0m") if may_be_coloured() else ("", "")
        self._put(self.stderr, "".join(f"{begin}{line}{end}\n" for line in lines))

    def copy(self, text: str) -> None:
        """Put a text of ltictl's own into the clipboard of the person's terminal (OSC 52)."""
        from base64 import b64encode

        self._put(self.stderr, f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07")

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        above: str = "",
        below: str = "",
        none: str = "",
        wide: bool = False,
        paged: bool = False,
    ) -> None:
        """Write a table: drawn on a terminal, tab-separated with a header line in a pipe.

        Args:
            headings: one for each column.
            rows: a cell for each heading.
            above: a line above it on a terminal, such as a count; empty for none.
            below: a line below it on a terminal; empty for none.
            none: a line for a person instead of a table without rows; empty for none.
            wide: whether lines may be longer than the terminal's width.
            paged: whether a pager shows a table that is longer than the screen.
        """
        clean = [[self._clean(cell) for cell in row] for row in rows]
        if not clean and none:
            self.note(none)
        if not clean and self.stdout_is_terminal:  # headings alone say nothing to a person
            return
        if self.stdout_is_terminal:
            from ltictl.cli.render.table import table_text

            width = _WIDEST if wide else shutil.get_terminal_size().columns
            text = table_text(headings, clean, width, colour=self.stdout_is_coloured)
            text = "".join(f"{line}\n" for line in (above, text.removesuffix("\n"), below) if line)
        else:
            names = [heading.lower().replace(" ", "_") for heading in headings]
            text = "".join("\t".join(row) + "\n" for row in [names, *clean])
        if not (paged and self.stdout_is_terminal and self._show_in_pager(text)):
            self._put(self.stdout, text)

    def _show_in_pager(self, text: str) -> bool:
        if text.count("\n") < shutil.get_terminal_size().lines or not understands_escapes():
            return False
        from ltictl.cli.render.pager import page

        self.status.clear()
        return page(text, os.environ)

    def error(self, error: LtictlError) -> None:
        """Write an error to stderr: the event, its cause and its fix."""
        line = self._broken(self.stderr, f"error: {self._clean(error.message)}", len("error: "))
        self._put(self.stderr, line.replace("error:", self._painted("error:", "31"), 1))
        for label, text in (("why:  ", error.why), ("fix:  ", error.fix)):
            if text:
                indented = f"  {label}{self._clean(text)}"
                self._put(self.stderr, self._broken(self.stderr, indented, len(label)))

    def _broken(self, stream: TextIO, text: str, hanging: int = 0) -> str:
        """Return ``text`` with a line feed, broken between words for a terminal."""
        if stream.isatty() and len(text) > shutil.get_terminal_size().columns:
            from ltictl.cli.render.wrapping import wrapped

            text = wrapped(text, shutil.get_terminal_size().columns, hanging=hanging)
        return f"{text}\n"

    def envelope(
        self,
        command: str,
        data: dict[str, Any] | None,
        warnings: Sequence[str],
        error: Callable[[], LtictlError | None] = lambda: None,
        *,
        at_once: bool = False,
    ) -> None:
        """Write the one JSON object of this run, in ASCII; a terminal gets it indented.

        Args:
            command: its name.
            data: see ``Envelope``.
            warnings: see ``Envelope``.
            error: see ``Envelope``.
            at_once: see ``Envelope``.
        """
        complete = self.complete if self.profile else None
        envelope = Envelope(command, data, warnings, error, complete, at_once)
        try:
            parts = iter([envelope.indented()]) if self.stdout_is_terminal else envelope.parts()
            for part in parts:
                self.unfinished = envelope
                self._put(self.stdout, part)
        finally:
            envelope.close()
        self.unfinished = None

    def end_envelope(self, error: LtictlError) -> None:
        """Write the end of the unfinished JSON object, with the error that came in its middle."""
        envelope, self.unfinished = self.unfinished, None
        if envelope is not None:
            self._put(self.stdout, envelope.end_with(error))

    def _put(self, stream: TextIO, text: str) -> None:
        self.status.clear()
        write(stream, text)

    def _painted(self, text: str, colour: str) -> str:
        wanted = self.stderr_is_terminal and may_be_coloured()
        return f"\x1b[{colour};1m{text}\x1b[0m" if wanted else text
