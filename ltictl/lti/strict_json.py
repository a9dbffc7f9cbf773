"""Read JSON from platforms strictly (RFC 8259), refusing a text with more than one meaning."""

import json
import math
from typing import Any, NoReturn

from ltictl.model.sentence import Sentence

MAX_DEPTH = 40
_BOM = b"\xef\xbb\xbf"
_BEGINNINGS = 20  # places after other text at which to look for the JSON


class JsonError(Exception):
    """The text is not one unambiguous JSON value.

    Args:
        problem: why, as the end of a sentence about the text; it quotes none of it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem if isinstance(problem, Sentence) else Sentence(problem)


class PrecededError(JsonError):
    """Other text stands before the JSON, such as a notice of PHP.

    Attributes:
        before: that text, which is foreign.
        rest: the JSON object alone.
    """

    def __init__(self, before: str, rest: bytes) -> None:
        super().__init__(Sentence("it has other text before its JSON"))
        self.before = before
        self.rest = rest


def parse_object(data: bytes) -> dict[str, Any]:
    """Read ``data`` as a JSON object.

    Args:
        data: the body as received.

    Returns:
        The object, at most ``MAX_DEPTH`` levels deep.

    Raises:
        JsonError: it is not an object, or as in ``parse_value``.
    """
    value = parse_value(data)
    if not isinstance(value, dict):
        raise JsonError("it is JSON, but not an object")
    return value


def parse_value(data: bytes) -> Any:
    """Read ``data`` as any one JSON value.

    Raises:
        JsonError: it is not UTF-8 or not JSON, is nested too deeply, or holds a member twice, NaN,
            Infinity or half a surrogate pair.
        PrecededError: other text stands before a JSON object.
    """
    try:
        # RFC 8259, 8.1 lets a reader ignore a byte order mark; editors on Windows write it.
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        problem = Sentence("it is not UTF-8 (byte {position})", position=error.start)
        raise JsonError(problem) from error
    try:
        value = _loaded(text)
    except json.JSONDecodeError as error:
        _stop_at_later_object(text)
        problem = Sentence(
            "it is not JSON ({problem}: character {position})",
            problem=error.msg,
            position=error.pos,
        )
        raise JsonError(problem) from error
    _check(value, MAX_DEPTH)
    return value


def has_byte_order_mark(data: bytes) -> bool:
    """Return whether ``data`` begins with a byte order mark, which other readers may reject."""
    return data.startswith(_BOM)


def _loaded(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise JsonError("it is nested too deeply") from error
    except ValueError as error:  # Python limits the digits of an integer
        raise JsonError("it holds a number with too many digits") from error


def _stop_at_later_object(text: str) -> None:
    """Raise ``PrecededError`` if ``text`` ends with a whole object after other text."""
    start = text.find("{", 1)
    for _ in range(_BEGINNINGS):
        if start < 0:
            return
        try:
            found = _loaded(text[start:])
        except (json.JSONDecodeError, JsonError):
            start = text.find("{", start + 1)
            continue
        if text[:start].strip() and isinstance(found, dict):
            raise PrecededError(text[:start].strip(), text[start:].encode())
        return


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("it names a member twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"it holds {name}, which is no number of JSON")  # NaN, Infinity or -Infinity


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonError("it holds a number that is too large")
    return number


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise JsonError("it is nested too deeply")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_text(key)
            _check(member, depth - 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth - 1)


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise JsonError("it holds half of a character (a lone surrogate)") from error
