"""Read the claims of a registration token, without trusting or requiring them.

The token is opaque (LTI Dynamic Registration 1.0, 3.3): Moodle's is an RS256 JWT, Canvas's an HS256
JWT, Sakai's is not a JWT. Its claims serve only for hints and for recovery.
"""

import base64
import binascii
import hashlib
from datetime import UTC, datetime

from msgspec import Struct

from ltictl.lti.strict_json import JsonError, parse_object

UPDATE_SCOPE = "reg-update"  # Moodle (recordings, 07): sub is the deployment id of an existing tool
_MAX_TEXT = 255
_PARTS = 3


class TokenHint(Struct, frozen=True):
    """The claims of a token, not verified.

    Attributes:
        subject: ``sub``, empty if none.
        audience: ``aud``, empty if none or several.
        scope: ``scope``, empty if none.
        expires_at: ``exp``, ``None`` if unknown.
    """

    subject: str = ""
    scope: str = ""
    expires_at: datetime | None = None
    audience: str = ""

    @property
    def is_update(self) -> bool:
        """Whether the LMS intends to change an existing registration."""
        return self.scope == UPDATE_SCOPE


def peek(token: str) -> TokenHint:
    """Read a token's claims if it is a JWT, else return an empty hint."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return TokenHint()
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = parse_object(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, JsonError):
        return TokenHint()
    scope = claims.get("scope")
    return TokenHint(
        subject=_text(claims.get("sub")),
        audience=_text(claims.get("aud")),
        scope=scope if isinstance(scope, str) else "",
        expires_at=_moment(claims.get("exp")),
    )


def _text(value: object) -> str:
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def token_digest(token: str) -> str:
    """Return the lower-case hex SHA-256 of a token, the only stored form; empty for none."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""
