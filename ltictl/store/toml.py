"""Read TOML with a compiled reader, and with the interpreter's own one for errors."""

import re
from typing import Any, Final

_PLACE: Final = r"line (\d+),? column (\d+)"
_SHOWN: Final = 100  # characters of a line


class NotTomlError(ValueError):
    """A text is not TOML.

    Args:
        problem: the fault in a few words that quote no value.
        line: number of the line, from 1.
        column: number of the character, from 1.
        text: that line; it may hold a secret of the document.
    """

    def __init__(self, problem: str, line: int, column: int, text: str) -> None:
        super().__init__(f"{problem} (line {line}, column {column})")
        self.problem = problem
        self.line = line
        self.column = column
        self.text = text

    @property
    def place(self) -> str:
        """``:LINE:COLUMN``, to stand after the file's name as compilers write it."""
        return f":{self.line}:{self.column}"


def parse(text: str) -> dict[str, Any]:
    """Parse a TOML 1.0 document.

    Raises:
        NotTomlError: the text is not TOML.
        RecursionError: its values are nested too deeply.
    """
    import rtoml

    try:
        return rtoml.loads(text)
    except rtoml.TomlParsingError as refused:
        # Its messages may quote the line, which may hold a secret; the place is always in them.
        import tomllib

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _not_toml(text, str(error), str(refused)) from None


def _not_toml(text: str, words: str, first_words: str) -> NotTomlError:
    place = re.search(_PLACE, words) or re.search(_PLACE, first_words)
    line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
    lines = text.split("\n")
    quoted = lines[line - 1].strip() if line <= len(lines) else ""
    # Without the place, which the caller puts behind the file's name.
    return NotTomlError(words.partition(" (at ")[0], line, column, quoted[:_SHOWN])
