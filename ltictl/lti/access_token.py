"""Write requests for access tokens, and judge the answers to them (RFC 6749, 4.4 and 5); pure.

It does not keep the token, and it quotes nothing of a body that came with a status of success: even
a faulty one may hold a token.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from ltictl.lti.refusal import Refusal, php_notice, read_refusal
from ltictl.lti.strict_json import JsonError, PrecededError, parse_object
from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE, TOKEN_ERRORS

_OK = 200  # RFC 6749, 5.1
_SUCCESS = range(200, 300)
_TOKEN = re.compile(r"[\x21-\x7e]+")  # RFC 6749, A.12, without the blank, which no header carries
_NUMBER = re.compile(r"\s*[+-]?\d{1,12}(?:\.\d{1,6})?\s*")
# RFC 6749 (5.2 and 4.1.2.1) defines these codes, so showing one reveals no secret.
_CODES = TOKEN_ERRORS | {"access_denied", "server_error", "temporarily_unavailable"}
# A text of only these words in the token's member is a message, not a token.
_SAYING = re.compile(
    r"(?:(?:"
    r"a|access|an|and|assertion|authentication|authorization|authorized|bad|client|"
    r"denied|error|expired|failed|for|forbidden|found|grant|id|in|internal|invalid|is|"
    r"key|missing|no|not|of|or|permission|please|request|scope|server|signature|the|"
    r"there|to|token|tool|try|unauthorized|unknown|unsupported|wrong|your"
    r")[.,:!]?(?: |$)){2,12}",
    re.IGNORECASE,
)


class TokenAnswer(Struct, frozen=True):
    """The judged answer of a token endpoint.

    Attributes:
        granted: scopes of the token; ``None`` without a usable token.
        refusal: the LMS's own words where it gave no token, else ``None``. For a faulty answer with
            a status of success, ltictl's own words about the fault.
        warnings: oddities of a usable token, one phrase each.
    """

    granted: tuple[str, ...] | None
    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()

    @property
    def error(self) -> str:
        """The reason why there is no token, in one line; empty where there is one."""
        if self.refusal is None:
            return ""
        return self.refusal.words or f"HTTP {self.refusal.status}"


def token_request(assertion: str, scopes: Iterable[str]) -> bytes:
    """Return the form fields of a client-credentials request with a client assertion."""
    return urlencode(
        {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": " ".join(scopes),
        }
    ).encode("ascii")


def read_token_answer(status: int, body: bytes, requested: tuple[str, ...]) -> TokenAnswer:
    """Judge the answer of a token endpoint.

    Args:
        status: HTTP status.
        body: the body; its content type does not matter, since Moodle labels JSON as HTML.
        requested: scopes, which count as granted where the answer names none (RFC 6749, 5.1).
    """
    if status not in _SUCCESS:
        return TokenAnswer(None, read_refusal(status, body))
    try:
        document = parse_object(body)
    except PrecededError as error:
        notice = php_notice(error.before)
        quoted = f" ({notice})" if notice else ""
        words = f"something stands before its JSON, as the LMS's own error output does{quoted}"
        return TokenAnswer(None, Refusal(status, words=words, notice=notice))
    except JsonError as error:
        return TokenAnswer(None, _without_json(status, body, error))
    faults = list(_faults(status, document))
    if faults:
        return TokenAnswer(None, Refusal(status, _code(document), "; ".join(faults)))
    granted, odd = _scopes(document, requested)
    return TokenAnswer(granted, None, (*odd, *_oddities(document)))


def token_of(body: bytes) -> str:
    """Return the token, a secret, of an answer that ``read_token_answer`` accepted."""
    return str(parse_object(body)["access_token"])


def _without_json(status: int, body: bytes, error: JsonError) -> Refusal:
    if not body.strip():
        return Refusal(status, words="the answer is empty", html=True)
    if read_refusal(status, body).html:
        return Refusal(status, words="a page for people came instead of JSON", html=True)
    return Refusal(status, words=f"the answer cannot be read: {error}")


def _faults(status: int, document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the faults that keep a JSON object from being a token answer (RFC 6749, 5.1)."""
    if document.get("error") is not None:
        code = _code(document)
        yield f"it names the error {code}" if code else "it names an error"
    yield from _token_faults(document)
    expires = _seconds(document.get("expires_in"))
    if expires is not None and expires <= 0:
        yield "it expires at once (expires_in is not above 0)"
    if status != _OK:
        yield f"it came with HTTP {status} instead of 200"


def _code(document: Mapping[str, Any]) -> str:
    code = document.get("error")
    return code if isinstance(code, str) and code in _CODES else ""


def _token_faults(document: Mapping[str, Any]) -> Iterator[str]:
    if "access_token" not in document:
        yield "it holds no access_token"
        return
    token = document["access_token"]
    if not isinstance(token, str):
        yield "its access_token is no text"
    elif not token:
        yield "its access_token is empty"
    elif not _TOKEN.fullmatch(token):
        blank = any(each.isspace() for each in token)
        kind = "a blank" if blank else "a character that no token has"
        yield f"its access_token holds {kind}{_saying(token)}"


def _saying(text: str) -> str:
    """Return the text in the token's member to quote it, if it is certainly a message."""
    words = " ".join(text.split())
    return f': "{words}"' if _SAYING.fullmatch(words) else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _scopes(
    document: Mapping[str, Any], requested: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the scopes of the token, and remarks on the form in which the LMS wrote them."""
    if "scope" not in document:
        return requested, ()
    scope = document["scope"]
    if isinstance(scope, str):
        return tuple(dict.fromkeys(scope.split())), ()
    if not isinstance(scope, list):
        return (), ("the LMS sends scope as neither text nor list, so no service is known granted",)
    texts = [each for each in scope if isinstance(each, str)]
    found = tuple(dict.fromkeys(part for each in texts for part in each.split()))
    return found, ("the LMS sends scope as a list; libraries expect one text (RFC 6749, 3.3)",)


def _oddities(document: Mapping[str, Any]) -> Iterator[str]:
    kind = document.get("token_type")
    if kind is not None and (not isinstance(kind, str) or kind.lower() != "bearer"):
        yield "the LMS sends another token_type than Bearer"
    expires = document.get("expires_in")
    if expires is not None and _seconds(expires) is None:
        yield "the LMS sends an expires_in that is no number"
    elif isinstance(expires, str):
        yield "the LMS sends expires_in as text"
