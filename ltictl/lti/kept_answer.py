"""Read as much as possible of a kept answer that has text around its JSON or is cut off; pure.

``ltictl.lti.answer`` is strict, since nobody checks its result. Here a person checks it and settles
the registration, so every fact that the LMS issued helps.
"""

import codecs
import json
import re
from typing import Any, NoReturn

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.lti.answer import RegistrationAnswer, UnusableAnswerError, read_registration
from ltictl.model.attempt import Answer
from ltictl.model.integration import check_identifier
from ltictl.model.record import replace

_BEGINNING = re.compile(r'\{\s*"')
_MOST_BEGINNINGS = 50
# A number counts only with its end: where the answer was cut off, more digits may have followed.
_VALUE = r'("(?:[^"\\]|\\.)*"|-?\d+(?=[\s,}\]]))'
_NEEDED = ("client_id", "deployment_id")


class KeptIds(Struct, frozen=True):
    """The ids in a kept answer; an id is empty if the answer names none or two different ones."""

    client_id: str = ""
    deployment_id: str = ""


def read_kept(answer: Answer) -> RegistrationAnswer:
    """Read the registration in a kept 2xx answer, even with other text around it.

    Raises:
        UnusableAnswerError: the answer holds no whole registration.
    """
    try:
        return read_registration(answer)
    except UnusableAnswerError:
        found = _within_text(answer)
        if found is None:
            raise
        return found


def holds_registration(answer: Answer) -> bool:
    """Return whether ``read_kept`` finds a registration in the answer."""
    try:
        read_kept(answer)
    except Exception:  # noqa: BLE001  a defect in the reader must not hide the attempt
        return False
    return answer.succeeded


def kept_ids(answer: Answer) -> KeptIds:
    """Return the ids in a kept answer, whole or cut off."""
    if holds_registration(answer):
        whole = read_kept(answer)
        return KeptIds(whole.client_id, whole.deployment_id)
    text = _text(answer)
    return KeptIds(*(_named(text, name) for name in _NEEDED))


def _text(answer: Answer) -> str:
    wide = answer.body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return answer.body.decode("utf-16" if wide else "utf-8", "replace")


def _within_text(answer: Answer) -> RegistrationAnswer | None:
    """Return the first registration in the text; a member named twice must have one value."""
    text = _text(answer)
    reader = json.JSONDecoder(object_pairs_hook=_agreeing, parse_constant=_no_number)
    for number, found in enumerate(_BEGINNING.finditer(text)):
        if number == _MOST_BEGINNINGS:
            break
        try:
            value, _ = reader.raw_decode(text, found.start())
            whole = replace(answer, body=json.dumps(value).encode(), complete=True)
            read = read_registration(whole)
        except (ValueError, RecursionError, UnusableAnswerError):
            continue
        warning = "The answer was no strict JSON; the registration in it was read all the same."
        return replace(read, warnings=(*read.warnings, warning))
    return None


def _agreeing(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if members.setdefault(name, value) != value:
            raise ValueError(name)
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _named(text: str, name: str) -> str:
    found = set(re.findall(rf'"{name}"\s*:\s*{_VALUE}', text))
    if len(found) != 1:
        return ""
    try:
        return check_identifier(str(json.loads(found.pop())), name)
    except (ValueError, InvalidValueError):
        return ""
