"""JSON objects from platforms, read strictly (RFC 8259): one meaning or none."""

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 40


class JsonError(Exception):
    """The text is not one unambiguous JSON object; the message says why."""


def parse_object(data: bytes) -> dict[str, Any]:
    """Read ``data`` as a JSON object.

    Args:
        data: the body as it came.

    Returns:
        The object, at most ``MAX_DEPTH`` levels deep.

    Raises:
        JsonError: not UTF-8, not JSON, not an object, a member named twice, NaN or Infinity,
            nested too deeply, or a string with half a surrogate pair.
    """
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise JsonError(f"it is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise JsonError("it is nested too deeply") from error
    except ValueError as error:
        raise JsonError(f"it is not JSON ({str(error)[:100]})") from error
    if not isinstance(value, dict):
        raise JsonError("it is JSON, but not an object")
    _check(value, MAX_DEPTH)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("it names a member twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"it holds {name[:40]}, which is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


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
