"""The answer to a registration request, in all its real forms; pure.

A refusal is a value here: what it means in one LMS's words is told by ``ltictl.platforms``.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.attempt import Answer
from ltictl.model.integration import check_identifier

_SECRETS = ("registration_access_token", "client_secret")
# As text: to the closing quote, or to where it broke off.
_SECRET_MEMBER = re.compile(rf'("(?:{"|".join(_SECRETS)})"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_MAX_WORDS = 300
_BARE_WORDS = re.compile(r"[\x20-\x7e]{1,200}")


class UnusableAnswerError(Exception):
    """The LMS said yes, but its answer names no usable client; the message says what is wrong."""


class RegistrationAnswer(Struct, frozen=True):
    """A registration as the LMS recorded it.

    Attributes:
        client_id: as issued.
        deployment_id: empty where the answer names none; one may come later.
        scopes: what the LMS says it recorded, ``None`` where it says nothing.
        client_uri: ``registration_client_uri`` (RFC 7592), empty if none.
        access_token: ``registration_access_token``, a secret, empty if none.
        document: the answer as JSON text without its secrets.
        warnings: what is odd, one sentence each.
    """

    client_id: str
    deployment_id: str
    scopes: tuple[str, ...] | None
    client_uri: str
    access_token: str
    document: str
    warnings: tuple[str, ...]


class Refusal(Struct, frozen=True):
    """What an LMS gave instead of a registration.

    Attributes:
        status: HTTP status.
        code: RFC 7591 ``error``, or Moodle's bare words; empty if none.
        words: everything readable that it said, one line, capped.
        html: whether it was a page for people.
    """

    status: int
    code: str
    words: str
    html: bool


def read_registration(answer: Answer) -> RegistrationAnswer:
    """Read a 2xx answer, whatever its content type says (Moodle labels JSON as HTML elsewhere).

    Raises:
        UnusableAnswerError: incomplete, not a JSON object, or without a usable client_id.
    """
    if not answer.complete:
        raise UnusableAnswerError("it broke off before its end")
    try:
        document = parse_object(answer.body)
    except JsonError as error:
        raise UnusableAnswerError(str(error)) from error
    client_id, warnings = _identifier(document.get("client_id"), "client_id")
    deployment_id, more = _deployment_id(document)
    return RegistrationAnswer(
        client_id=client_id,
        deployment_id=deployment_id,
        scopes=_scopes(document),
        client_uri=_text(document, "registration_client_uri"),
        access_token=_text(document, "registration_access_token"),
        document=json.dumps(
            {name: value for name, value in document.items() if name not in _SECRETS}
        ),
        warnings=(*warnings, *more),
    )


def _identifier(value: object, name: str) -> tuple[str, tuple[str, ...]]:
    warnings: tuple[str, ...] = ()
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
        warnings = (f"The LMS sent {name} as a number; it is kept as text.",)
    if not isinstance(value, str):
        raise UnusableAnswerError(f"it holds no {name}")
    try:
        return check_identifier(value, name), warnings
    except InvalidValueError as error:
        raise UnusableAnswerError(error.message) from error


def _deployment_id(document: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Moodle and Sakai put it into the tool configuration, Canvas at the top."""
    configuration = document.get(TOOL_CONFIGURATION)
    inner = configuration.get("deployment_id") if isinstance(configuration, dict) else None
    value = inner if inner is not None else document.get("deployment_id")
    if value is None:
        return "", ()
    try:
        return _identifier(value, "deployment_id")
    except UnusableAnswerError as error:
        return "", (f"The LMS's deployment_id cannot be used: {error}.",)


def _scopes(document: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = document.get("scope")
    return tuple(dict.fromkeys(value.split())) if isinstance(value, str) else None


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def without_secrets(body: bytes) -> str:
    """A body as text to show to a person; it may be no JSON, or have broken off."""
    return _SECRET_MEMBER.sub(r'\1"..."', body.decode("utf-8", "replace"))


def read_refusal(answer: Answer) -> Refusal:
    """Read what stands in place of a registration.

    That is RFC 7591's JSON, Canvas's ``errors``, bare words, a page for people, or nothing.
    """
    text = without_secrets(answer.body).strip()
    try:
        document = parse_object(answer.body)
    except JsonError:
        if "<" in text[:2000]:
            return Refusal(answer.status, "", page_words(text), html=True)
        code = text if _BARE_WORDS.fullmatch(text) else ""
        return Refusal(answer.status, code, _one_line(text), html=False)
    code = _text(document, "error")
    words = _json_words(document) or (text if document else "")  # in no known form: all of it
    return Refusal(answer.status, code, _one_line(words), html=False)


def _json_words(document: Mapping[str, Any]) -> str:
    described = [_text(document, name) for name in ("error", "error_description", "errorMessage")]
    return ": ".join(part for part in [*described, *_listed(document.get("errors"))] if part)


def _listed(errors: object) -> list[str]:
    """Canvas's ``errors``: strings, objects with a message, or lists of them by member."""
    if isinstance(errors, dict):
        return [f"{name} {each}" for name, found in errors.items() for each in _listed(found)]
    if not isinstance(errors, list):
        return [errors] if isinstance(errors, str) else []
    return [_text(each, "message") if isinstance(each, dict) else str(each) for each in errors]


class _PageText(HTMLParser):
    """Collects what a person would read, an ``errormessage`` (Moodle's pages) before all else."""

    def __init__(self) -> None:
        super().__init__()
        self.message: list[str] = []
        self.title: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "errormessage" in (dict(attrs).get("class") or "").split():
            self._into = self.message
        elif tag in {"title", "h1"}:
            self._into = self.title

    def handle_endtag(self, tag: str) -> None:
        if tag in {"title", "h1", "p", "div"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)


def page_words(text: str) -> str:
    """What a page for people says: its error message if it marks one, else its headings."""
    page = _PageText()
    with suppress(AssertionError):  # Python's parser stumbles over "<![" with an unknown word
        page.feed(text)
    return _one_line(" ".join(page.message or page.title))


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _MAX_WORDS else words[:_MAX_WORDS] + " ..."
