"""Read what an LMS says where it refuses, at its registration and its token endpoint alike; pure.

``ltictl.platforms`` knows their meaning in each LMS. A body that came with success is
never quoted: it may hold a token.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from ltictl.lti.strict_json import JsonError, PrecededError, parse_object, parse_value

_MAX_WORDS = 600
_LOOKED_AT = 2000  # characters in which a page for people shows its first tag
_SECRETS = (
    "registration_access_token",
    "client_secret",
    "access_token",
    "refresh_token",
    "id_token",
    "client_assertion",
    "registration_token",
)
# As text: to the closing quote, or to where it broke off.
_SECRET_MEMBER = re.compile(
    rf"""(["'](?:{"|".join(_SECRETS)})["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
)
_TOKEN = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}")  # a JSON Web Token begins so
_BARE_WORDS = re.compile(r"[\x20-\x7e]{1,200}")
# Moodle's words may hold quotes that make its JSON invalid (recordings, 06 jwks-format/no-kid).
_BROKEN = re.compile(r'\{\s*"error"\s*:\s*"(.*)"\s*\}', re.DOTALL)
# What PHP writes by itself; nothing else that precedes JSON is shown.
_NOTICE = re.compile(
    r"(?:PHP )?\b(?:Notice|Warning|Deprecated|Fatal error|Parse error|Strict Standards)\b"
    r"\s*:[^{\[\"\r\n]{1,200}"
)
_TAG = re.compile(r"<[^>]*>")
_NOT_WORDS = re.compile(r"[\w.~+-]{32,}")
# Names of members as people vary them: "error_description", "errorDescription", "ErrorDescription".
_HEAD = ("error", "message", "msg", "title", "errormessage", "faultstring")
_DESCRIPTIONS = ("errordescription", "detail", "description", "reason")
_INNER = ("error", "fault")
_LISTS = ("errors", "detail", "modelstate")
_FIELDS = ("field", "path", "attribute", "param", "property")
_FORM = re.compile(r"error=[^\s<]{1,2000}")  # as in the query of a redirect (RFC 6749, 4.1.2.1)
_XML_TAGS = frozenset({"code", "message", "error", "description", "detail"})


class Refusal(Struct, frozen=True):
    """The answer of an LMS that refused.

    Attributes:
        status: HTTP status.
        code: RFC 6749's or RFC 7591's ``error``, or Moodle's bare words; empty if none.
        words: everything readable that it said, one line, bounded; of a refusal only.
        html: whether it was a page for people.
        notice: first line of what PHP wrote before the JSON, empty if nothing.
    """

    status: int
    code: str = ""
    words: str = ""
    html: bool = False
    notice: str = ""


def read_refusal(status: int, body: bytes) -> Refusal:
    """Read an error in any form that LMSs give it: JSON, bare words, a page, or nothing.

    Args:
        status: HTTP status.
        body: of a request that was refused; one that came with success is not for this reader.
    """
    notice = ""
    try:
        document = parse_object(body)
    except PrecededError as error:
        document, notice = parse_object(error.rest), php_notice(error.before)
    except JsonError:
        return _without_object(status, without_secrets(body).strip())
    code = _code(document)
    words = "; ".join(dict.fromkeys(_words(document)))
    if not words and document:  # in no known form: all of it
        words = without_secrets(body)
    return Refusal(status, code, one_line(words), notice=notice)


def _code(document: Mapping[str, Any]) -> str:
    """``error``, or its own code where it is an object."""
    inner = document.get("error")
    return _text(inner, "code") if isinstance(inner, dict) else _text(document, "error")


def _without_object(status: int, text: str) -> Refusal:
    """Other JSON, a form, or what is neither."""
    with suppress(JsonError):
        value = parse_value(text.encode())
        return Refusal(status, "", one_line("; ".join(_listed(value)) or text))
    if _FORM.fullmatch(text):
        return read_refusal(status, json.dumps(dict(parse_qsl(text))).encode())
    return _without_json(status, text)


def _without_json(status: int, text: str) -> Refusal:
    broken = _BROKEN.fullmatch(text)
    if broken:
        return Refusal(status, one_line(broken[1]), one_line(broken[1]))
    if "<" in text[:_LOOKED_AT]:
        return Refusal(status, "", page_words(text), html=True)
    code = text if _BARE_WORDS.fullmatch(text) else ""
    return Refusal(status, code, one_line(text))


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield its own message, then each of its ``errors``."""
    folded = {_folded(name): value for name, value in document.items()}
    found = (_text(folded, name) for name in (*_HEAD, *_DESCRIPTIONS))
    said = list(dict.fromkeys(filter(None, found)))
    if said:
        yield ": ".join(said)
    for name in _INNER:
        if isinstance(folded.get(name), dict):
            yield from _words(folded[name])
    yield from _listed(folded.get("errordescription"), plain=False)
    for name in _LISTS:
        yield from _listed(folded.get(name), plain=name == "errors")


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _listed(errors: object, *, plain: bool = True) -> Iterator[str]:
    """``errors`` as texts, as objects with their field, or as either of them by field.

    Args:
        errors: any value.
        plain: whether a text alone counts; it does not where it was yielded before.
    """
    if isinstance(errors, str):
        yield from (errors,) if plain else ()
    elif isinstance(errors, dict):
        for name, found in errors.items():
            yield from (f"{name}: {each}" for each in _listed(found))
    elif isinstance(errors, list):
        for each in errors:
            yield from _one_error(each)


def _one_error(error: object) -> Iterator[str]:
    if not isinstance(error, dict):
        yield from () if isinstance(error, list) else (str(error),)
        return
    places = error.get("loc")  # FastAPI: ["body", "redirect_uris"]
    field = next(filter(None, (_text(error, name) for name in _FIELDS)), "")
    if not field and isinstance(places, list):
        field = ".".join(str(each) for each in places if isinstance(each, str | int))
    for said in _words(error):
        yield f"{field}: {said}" if field else said


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value.strip() if isinstance(value, str) else ""


def without_secrets(body: bytes) -> str:
    """A body as text to show to a person; it may be no JSON, or have broken off."""
    text = _SECRET_MEMBER.sub(r'\1"..."', body.decode("utf-8", "replace").removeprefix("\ufeff"))
    return _TOKEN.sub("[token]", text)


def php_notice(before: str) -> str:
    """The first line that PHP wrote about itself before the JSON; empty for any other text.

    The JSON may be that of a success, so nothing is shown that could be a part of it.
    """
    found = _NOTICE.search(_TAG.sub("", before[:_LOOKED_AT]))
    return one_line(_NOT_WORDS.sub("...", found[0])) if found else ""


class _PageText(HTMLParser):
    """Collects what a person would read, an ``errormessage`` (Moodle's pages) before all else."""

    def __init__(self, *, xml: bool) -> None:
        super().__init__()
        self._titles = {"title", "h1"} | (_XML_TAGS if xml else frozenset())
        self.message: list[str] = []
        self.title: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "errormessage" in (dict(attrs).get("class") or "").split():
            self._into = self.message
        elif tag in self._titles:
            self._into = self.title

    def handle_endtag(self, tag: str) -> None:
        if tag in {*self._titles, "p", "div"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)


def page_words(text: str) -> str:
    """The words of a page for people: its error message if it marks one, else its headings."""
    page = _PageText(xml=text.lstrip().startswith("<?xml"))
    with suppress(AssertionError):  # Python's parser stumbles over "<![" with an unknown word
        page.feed(text)
    parts = page.message or page.title
    return one_line(" ".join(dict.fromkeys(part.strip() for part in parts)))


def one_line(text: str) -> str:
    """``text`` without line breaks, and cut between words where it is too long to show."""
    words = " ".join(_TOKEN.sub("[token]", text).split())
    if len(words) <= _MAX_WORDS:
        return words
    # A word or a URI that is cut in its middle helps less than one that is left out.
    whole = words[: _MAX_WORDS + 1].rpartition(" ")[0]
    return (whole or words[:_MAX_WORDS]) + " ..."
