"""Read the refusals of an LMS's registration endpoint and token endpoint; pure.

``ltictl.platforms`` knows their meaning in each LMS. This module never quotes a body that came with
a status of success, since it may hold a token.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from ltictl.lti.strict_json import JsonError, PrecededError, parse_object, parse_value
from ltictl.model.sentence import Sentence

_MAX_WORDS = 600
_LOOKED_AT = 2000  # an HTML page has its first tag within these characters
_SECRETS = (
    "registration_access_token",
    "client_secret",
    "access_token",
    "refresh_token",
    "id_token",
    "client_assertion",
    "registration_token",
)
# The value as text: up to its closing quote, or to the end of a cut-off body.
_SECRET_MEMBER = re.compile(
    rf"""(["'](?:{"|".join(_SECRETS)})["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
)
_TOKEN = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}")  # the beginning of a JSON Web Token
_BARE_WORDS = re.compile(r"[\x20-\x7e]{1,200}")
# Moodle's words may hold quotes that make its JSON invalid (recordings, 06 jwks-format/no-kid).
_BROKEN = re.compile(r'\{\s*"error"\s*:\s*"(.*)"\s*\}', re.DOTALL)
# PHP's own notices; ltictl shows no other text that precedes JSON.
_NOTICE = re.compile(
    r"(?:PHP )?\b(?:Notice|Warning|Deprecated|Fatal error|Parse error|Strict Standards)\b"
    r"\s*:[^{\[\"\r\n]{1,200}"
)
_TAG = re.compile(r"<[^>]*>")
_NOT_WORDS = re.compile(r"[\w.~+-]{32,}")
# LMSs vary these names: "error_description", "errorDescription", "ErrorDescription".
_HEAD = ("error", "message", "msg", "title", "errormessage", "faultstring")
_DESCRIPTIONS = ("errordescription", "detail", "description", "reason")
_INNER = ("error", "fault")
_LISTS = ("errors", "detail", "modelstate")
_FIELDS = ("field", "path", "attribute", "param", "property")
_FORM = re.compile(r"error=[^\s<]{1,2000}")  # as in the query of a redirect (RFC 6749, 4.1.2.1)


class Refusal(Struct, frozen=True):
    """The answer of an LMS that refused.

    Attributes:
        status: HTTP status.
        code: RFC 6749's or RFC 7591's ``error``, or Moodle's bare words; empty if none.
        words: all readable text of a refusal, on one line and shortened.
        html: whether it was an HTML page.
        notice: first line of PHP's notice before the JSON, empty if there was none.
    """

    status: int
    code: str = ""
    words: str = ""
    html: bool = False
    notice: str = ""

    @property
    def report(self) -> Sentence:
        """The status and the words in the form in which every error message ends with them."""
        if self.words:
            return Sentence('(HTTP {status}): "{words}"', status=self.status, words=self.words)
        return Sentence("(HTTP {status}), without a word", status=self.status)


def read_refusal(status: int, body: bytes) -> Refusal:
    """Read a refusal in any form that LMSs use: JSON, bare words, a page, or nothing.

    Args:
        status: HTTP status.
        body: the body of a refusal, never one that came with a status of success.
    """
    notice = ""
    try:
        document = parse_object(body)
    except PrecededError as error:
        document, notice = parse_object(error.rest), php_notice(error.before)
    except JsonError:
        return _without_object(status, words_without_secrets(body).strip())
    code = _code(document)
    words = "; ".join(dict.fromkeys(_words(document)))
    if not words and document:  # an unknown form: show the whole object
        words = words_without_secrets(body)
    return Refusal(status, code, one_line(words), notice=notice)


def _code(document: Mapping[str, Any]) -> str:
    """Return ``error``, or the code in it where it is an object."""
    inner = document.get("error")
    return _text(inner, "code") if isinstance(inner, dict) else _text(document, "error")


def _without_object(status: int, text: str) -> Refusal:
    """Read a body that is not a JSON object: other JSON, a form, a page or plain text."""
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
    """Yield an object's own message, then each of its ``errors``."""
    folded = {_folded(name): value for name, value in document.items()}
    found = (_text(folded, name) for name in (*_HEAD, *_DESCRIPTIONS))
    own = list(dict.fromkeys(filter(None, found)))
    if own:
        yield ": ".join(own)
    for name in _INNER:
        if isinstance(folded.get(name), dict):
            yield from _words(folded[name])
    yield from _listed(folded.get("errordescription"), plain=False)
    for name in _LISTS:
        yield from _listed(folded.get(name), plain=name == "errors")


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _listed(errors: object, *, plain: bool = True) -> Iterator[str]:
    """Yield the messages in ``errors``: texts, objects with their field, or either by field.

    Args:
        errors: any value.
        plain: whether to yield a text alone, which the caller may have yielded before.
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
    for words in _words(error):
        yield f"{field}: {words}" if field else words


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value.strip() if isinstance(value, str) else ""


def words_without_secrets(body: bytes) -> str:
    """Return a body as text without its secrets, even if it is not JSON or is cut off."""
    text = _SECRET_MEMBER.sub(r'\1"..."', body.decode("utf-8", "replace").removeprefix("\ufeff"))
    return _TOKEN.sub("[token]", text)


def php_notice(before: str) -> str:
    """Return the first line of a PHP notice before the JSON; empty for any other text."""
    # The JSON may report a success, so the notice must show nothing that could belong to it.
    found = _NOTICE.search(_TAG.sub("", before[:_LOOKED_AT]))
    return one_line(_NOT_WORDS.sub("...", found[0])) if found else ""


def page_words(text: str) -> str:
    """Return the words of an HTML page: its error message if it marks one, else its headings."""
    from ltictl.lti.page_text import message_or_headings  # few answers are pages

    parts = message_or_headings(text)
    return one_line(" ".join(dict.fromkeys(part.strip() for part in parts)))


def one_line(text: str) -> str:
    """Return ``text`` on one line, cut between words where it is too long to show."""
    words = " ".join(_TOKEN.sub("[token]", text).split())
    if len(words) <= _MAX_WORDS:
        return words
    # Half a word or half a URI helps less than none.
    whole = words[: _MAX_WORDS + 1].rpartition(" ")[0]
    return (whole or words[:_MAX_WORDS]) + " ..."
