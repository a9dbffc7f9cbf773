"""Change one member of a JSON object's text, with every other byte left as it is."""

import json
import re
from typing import Final

_BLANKS: Final = re.compile(r"[ \t\r\n]*")


class MemberError(ValueError):
    """The text is no JSON object, or lacks the member, or has it twice."""


def with_member(text: str, name: str, value: bool) -> str:
    """Return the text with another value for one member of the outermost object.

    Raises:
        MemberError: it is no JSON object, or does not hold the member exactly once.
    """
    # Not read and written anew: that would change numbers (1.10) and names that come twice.
    places = [place for key, place in _members(text) if key == name]
    if len(places) != 1:
        raise MemberError(f"it holds {name} {len(places)} times")
    start, end = places[0]
    return text[:start] + json.dumps(value) + text[end:]


def _members(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Return the names of the members with the places of their values."""
    found: list[tuple[str, tuple[int, int]]] = []
    try:
        if not isinstance(json.loads(text), dict):
            raise MemberError("it is no JSON object")
        position = _after(text, text.index("{") + 1)
        while text[position] != "}":
            key, end = json.JSONDecoder().raw_decode(text, position)
            start = _after(text, _after(text, end) + 1)  # behind the colon
            _, end = json.JSONDecoder().raw_decode(text, start)
            found.append((key, (start, end)))
            position = _after(text, end)
            if text[position] == ",":
                position = _after(text, position + 1)
    except (ValueError, RecursionError) as error:
        raise MemberError("it is no JSON object") from error
    return found


def _after(text: str, position: int) -> int:
    """Return the next position that is no blank (RFC 8259, 2)."""
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position
