"""The one JSON object of a run: the envelope around a command's data."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct, field

from ltictl.errors import LtictlError
from ltictl.model.ascii_json import ascii_json

_CHUNK: Final = 65_536  # characters


class Envelope(Struct):
    """The JSON object that a command prints with ``--json``.

    An iterator in the data becomes an array, and its values are written while it runs. It may add
    warnings and members of the data, and it may decide on the error. Therefore everything else
    stands behind the arrays as soon as a part of them is out.

    Attributes:
        command: name of the command.
        data: its data; a member may be an iterator of JSON values.
        warnings: one sentence each.
        error: returns the reason why the run failed, ``None`` if it did not.
        complete: adds ``--profile`` to the commands of a text, ``None`` where they need none.
        at_once: whether each value of an iterator is written alone, since the next may be long in
            coming.
    """

    command: str
    data: dict[str, Any] | None
    warnings: Sequence[str]
    error: Callable[[], LtictlError | None]
    complete: Callable[[str], str] | None = None
    at_once: bool = False
    _held: list[str] = field(default_factory=list)  # pieces that no part holds yet
    _open: str = ""  # ends the last array
    _begun: bool = False
    _ended: bool = False

    def indented(self) -> str:
        """Return the object for a terminal, with a line end."""
        import json  # a pipe gets all its JSON from msgspec

        return json.dumps(self._whole(), indent=2) + "\n"

    def parts(self) -> Iterator[str]:
        """Yield the object as one line of printable ASCII.

        With an iterator, a part has 64 KiB and more, or one value if each is written at once.
        Memory holds one part at a time.
        """
        if not self._iterators():
            yield ascii_json(self._whole()) + "\n"
            return
        # What fails before the first part is out can still be reported in an envelope of its own.
        length = 0
        for piece, is_value in self._pieces():
            self._held.append(piece)
            length += len(piece)
            if length > _CHUNK or (is_value and self.at_once):
                yield self._take()
                length = 0
        yield self._end()

    def end_with(self, error: LtictlError) -> str:
        """Return the end of an object of which some parts are out, and then came an error."""
        if self._ended:
            return ""
        self.error = lambda: error
        return self._end()

    def close(self) -> None:
        """End the iterators, so that nothing works for them any longer."""
        for values in self._iterators().values():
            if isinstance(values, Generator):
                values.close()

    def _take(self, verdict: dict[str, Any] | None = None) -> str:
        """Take the held pieces as one text; the first one has what stands before the data."""
        text = "".join(self._held)
        if not self._begun:
            text = f'{ascii_json(self._head | (verdict or {}))[:-1]},"data":{{{text}'
        self._begun = True
        self._held.clear()
        return text

    def _iterators(self) -> dict[str, Iterator[Any]]:
        members = (self.data or {}).items()
        return {name: value for name, value in members if isinstance(value, Iterator)}

    def _pieces(self) -> Iterator[tuple[str, bool]]:
        """Yield the object up to its last value in an array, and whether each piece is a value."""
        before = ""
        for name, values in self._iterators().items():
            yield f"{before}{ascii_json(name)}:[", False
            self._open = "]"  # a piece of its own could be lost or doubled by a signal
            separator = ""
            for each in values:
                yield separator + self._value(each), True
                separator = ","
            before = "],"

    def _end(self) -> str:
        """Return the held pieces, and everything behind the last value in an array."""
        members = (
            f",{ascii_json(name)}:{self._value(value)}"
            for name, value in (self.data or {}).items()
            if not isinstance(value, Iterator)
        )
        behind = f"{self._open}{''.join(members)}}}"
        verdict = self._verdict()
        # A short object has its members in the usual order.
        first = None if self._begun else {"ok": verdict.pop("ok")}
        text = f"{self._take(first)}{behind},{ascii_json(verdict)[1:]}\n"
        self._ended = True
        return text

    def _whole(self) -> dict[str, Any]:
        read = {name: list(values) for name, values in self._iterators().items()}
        data = self._completed(self.data and self.data | read)
        verdict = self._verdict()
        return self._head | {"ok": verdict["ok"], "data": data} | verdict

    @property
    def _head(self) -> dict[str, Any]:
        return {"version": 1, "command": self.command}

    def _verdict(self) -> dict[str, Any]:
        complete = self.complete or str
        error = self.error()
        return {
            "ok": error is None,
            "warnings": [complete(each) for each in self.warnings],
            "error": self._completed(error and explanation(error)),
        }

    def _completed(self, value: Any) -> Any:
        if self.complete is None:
            return value
        from ltictl.cli.render.hints import in_fixes

        return in_fixes(value, self.complete)

    def _value(self, value: Any) -> str:
        return ascii_json(self._completed(value))


def explanation(error: LtictlError) -> dict[str, str]:
    """Return the members of an error in JSON."""
    return {
        "code": error.code,
        "message": error.message,
        "why": error.why,
        "fix": error.fix,
    }
