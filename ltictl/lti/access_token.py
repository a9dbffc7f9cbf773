"""Asking a platform's token endpoint for an access token (RFC 6749, 4.4; LTI Security 1.0, 4.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE

_MAX_WORDS = 300


@dataclass(frozen=True, slots=True)
class TokenAnswer:
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
        # Moodle's words may hold quotes that make its JSON invalid (recordings, 06 no-kid).
        words = " ".join(body.decode("utf-8", "replace").split())[:_MAX_WORDS]
        return TokenAnswer(None, words or f"HTTP {status}")
    if status == 200 and isinstance(document.get("access_token"), str):  # noqa: PLR2004  RFC 6749, 5.1
        scope = document.get("scope")
        return TokenAnswer(tuple(scope.split()) if isinstance(scope, str) else asked)
    told = [document.get("error"), document.get("error_description")]
    words = ": ".join(each for each in told if isinstance(each, str))
    return TokenAnswer(None, words[:_MAX_WORDS] or f"HTTP {status}")
