"""Read a kept answer as far as it can be read: with text around its JSON, or broken off; pure.

``ltictl.lti.answer`` is strict, since it reads while nobody looks. Here a person settles the
registration, and every fact that the LMS issued counts.
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
# A value counts only up to its end: a number that the answer broke off in may have been longer.
_VALUE = r'("(?:[^"\\]|\\.)*"|-?\d+(?=[\s,}\]]))'
_NEEDED = ("client_id", "deployment_id")


class KeptIds(Struct, frozen=True):
    """The ids in a kept answer; empty if it names none, or two that differ."""

    client_id: str = ""
    deployment_id: str = ""


def read_kept(answer: Answer) -> RegistrationAnswer:
    """Read the registration that a kept 2xx answer holds, whatever stands around it.

    Raises:
        UnusableAnswerError: it holds no whole one.
    """
    try:
        return read_registration(answer)
    except UnusableAnswerError:
        found = _within_text(answer)
        if found is None:
            raise
        return found


def holds_registration(answer: Answer) -> bool:
    """Whether ``read_kept`` finds one."""
    try:
        read_kept(answer)
    except Exception:  # noqa: BLE001  a defect in the reading may not hide the attempt
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
    """The first object in the text that is a registration; a member named twice has to agree."""
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
        told = "The answer was no strict JSON; the registration in it was read all the same."
        return replace(read, warnings=(*read.warnings, told))
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
