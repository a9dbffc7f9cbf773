"""Asking a platform's token endpoint for an access token (RFC 6749, 4.4; LTI Security 1.0, 4.1)."""

import re
from collections.abc import Iterable
from urllib.parse import urlencode

from msgspec import Struct

from ltictl.lti.refusal import page_words
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE

_MAX_WORDS = 300
_BROKEN = re.compile(r'\{\s*"error"\s*:\s*"(.*)"\s*\}', re.DOTALL)


class TokenAnswer(Struct, frozen=True):
    """What a token endpoint said; the token itself is not kept.

    Attributes:
        granted: scopes of the token; ``None`` if none was given.
        error: the platform's words where it refused, else empty.
    """

    granted: tuple[str, ...] | None
    error: str = ""


def token_request(assertion: str, scopes: Iterable[str]) -> bytes:
    """The form of a client-credentials request with a client assertion."""
    return urlencode(
        {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": " ".join(scopes),
        }
    ).encode("ascii")


def read_token_answer(status: int, body: bytes, asked: tuple[str, ...]) -> TokenAnswer:
    """Read the answer, whatever its content type says (Moodle labels JSON as HTML).

    Args:
        status: HTTP status.
        body: the body.
        asked: scopes asked for, which count as granted where the answer names none (RFC 6749, 5.1).
    """
    try:
        document = parse_object(body)
    except JsonError:
        return TokenAnswer(None, _words(body.decode("utf-8", "replace")) or f"HTTP {status}")
    if status == 200 and isinstance(document.get("access_token"), str):  # noqa: PLR2004  RFC 6749, 5.1
        scope = document.get("scope")
        return TokenAnswer(tuple(scope.split()) if isinstance(scope, str) else asked)
    told = [document.get("error"), document.get("error_description")]
    words = ": ".join(each for each in told if isinstance(each, str))
    return TokenAnswer(None, words[:_MAX_WORDS] or f"HTTP {status}")


def _words(text: str) -> str:
    """What stands there instead of JSON, one line, capped."""
    if (
        "<" in text[:2000]
    ):  # Moodle's, where it cannot read the key set (recordings, 06 jwks-unavailable)
        return page_words(text)
    # Moodle's words may hold quotes that make its JSON invalid (recordings, 06 no-kid).
    broken = _BROKEN.fullmatch(text.strip())
    return " ".join((broken[1] if broken else text).split())[:_MAX_WORDS]
