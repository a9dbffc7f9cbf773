"""Break lines for a terminal between words, but never inside a command to paste."""

import re
import unicodedata
from typing import Final

# One piece: a command in quotes, a command up to the end of the line, or a word.
_PIECES: Final = re.compile(r"(\s*)('ltictl [^']*'\S*|(?<=: )ltictl \S.*$|\S+)")
_LEAD: Final = re.compile(r" *(?:\d+\. )?")
_MOST: Final = 100  # longer lines are hard to read, however wide the terminal is


def wrapped(text: str, width: int, *, hanging: int = 0) -> str:
    """Return ``text`` on as many lines as it needs.

    Args:
        text: one line; blanks and a number at its beginning indent the further lines too.
        width: of the terminal, in cells.
        hanging: a further indent of the further lines.
    """
    indent = len(_LEAD.match(text)[0])  # type: ignore[index]  # it matches an empty text too
    if cells(text) <= width or indent + hanging > width // 2:
        return text
    width = min(width, max(_MOST, indent + hanging + 40))
    lines: list[str] = []
    line = ""
    for blanks, piece in _PIECES.findall(text):
        longer = line + blanks + piece
        if line.strip() and cells(longer) > width:
            lines.append(line)
            longer = f"{' ' * (indent + hanging)}{piece}"
        line = longer
    return "\n".join([*lines, line])


def cells(text: str) -> int:
    """Return the width of ``text`` on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_width_of(character) for character in text)


def _width_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
