"""The one JSON object of a run: the envelope around a command's data."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.model.ascii_json import ascii_json

_CHUNK: Final = 65_536  # characters


class Envelope(Struct, frozen=True):
    """The JSON object that a command prints with ``--json``.

    Attributes:
        command: name of the command.
        data: its data; a member may be an iterator of JSON values, which becomes an array.
        warnings: one sentence each; an iterator of the data may add some while it runs.
        error: the reason why the run failed, ``None`` if it did not.
        complete: adds ``--profile`` to the commands of a text, ``None`` where they need none.
    """

    command: str
    data: dict[str, Any] | None
    warnings: Sequence[str]
    error: LtictlError | None
    complete: Callable[[str], str] | None = None

    def indented(self) -> str:
        """Return the object for a terminal, with a line end."""
        import json  # a pipe gets all its JSON from msgspec

        return json.dumps(self._whole(), indent=2) + "\n"

    def parts(self) -> Iterator[str]:
        """Yield the object as one line of printable ASCII, in parts of 64 KiB and more.

        Memory holds one value of an iterator at a time.
        """
        if not any(isinstance(value, Iterator) for value in (self.data or {}).values()):
            yield ascii_json(self._whole()) + "\n"
            return
        # What fails before the first part is out can still be reported in an envelope of its own.
        held, length = [], 0
        for piece in self._pieces():
            held.append(piece)
            length += len(piece)
            if length > _CHUNK:
                yield "".join(held)
                held, length = [], 0
        yield "".join(held)

    def _pieces(self) -> Iterator[str]:
        yield f'{ascii_json(self._head)[:-1]},"data":'
        before = "{"
        for name, value in (self.data or {}).items():
            yield f"{before}{ascii_json(name)}:"
            yield from self._array(value) if isinstance(value, Iterator) else [self._value(value)]
            before = ","
        yield f"}},{ascii_json(self._tail)[1:]}\n"

    def _whole(self) -> dict[str, Any]:
        data = self.data and {
            name: list(value) if isinstance(value, Iterator) else value
            for name, value in self.data.items()
        }
        return self._head | {"data": self._completed(data)} | self._tail

    @property
    def _head(self) -> dict[str, Any]:
        return {"version": 1, "command": self.command, "ok": self.error is None}

    @property
    def _tail(self) -> dict[str, Any]:
        complete = self.complete or str
        error = self.error and explanation(self.error)
        return {
            "warnings": [complete(each) for each in self.warnings],
            "error": self._completed(error),
        }

    def _completed(self, value: Any) -> Any:
        if self.complete is None:
            return value
        from ltictl.cli.render.hints import in_fixes

        return in_fixes(value, self.complete)

    def _value(self, value: Any) -> str:
        return ascii_json(self._completed(value))

    def _array(self, values: Iterator[Any]) -> Iterator[str]:
        before = "["
        for each in values:
            yield before + self._value(each)
            before = ","
        yield "[]" if before == "[" else "]"


def explanation(error: LtictlError) -> dict[str, str]:
    """Return the members of an error in JSON."""
    return {
        "code": error.code,
        "message": error.message,
        "why": error.why,
        "fix": error.fix,
    }
