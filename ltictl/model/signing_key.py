"""Signing keys: state and public half. Private halves never leave ``ltictl.store``."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ltictl.errors import InvalidValueError


class KeyState(StrEnum):
    """Life of a key: published, then signing, then only published, then kept."""

    NEXT = "next"
    CURRENT = "current"
    RETIRING = "retiring"
    RETIRED = "retired"


PUBLISHED = frozenset({KeyState.NEXT, KeyState.CURRENT, KeyState.RETIRING})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One RSA key of the profile.

    Attributes:
        kid: RFC 7638 thumbprint, base64url.
        state: where it stands in its life.
        n, e: public key as in a JWK (RFC 7518, 6.3.1): base64url, minimal, no padding.
        created_at, promoted_at, retired_at: UTC, set by the event that changed the state.
        promote_after: from when it may sign.
        withdraw_after: from when it may leave the published set.
    """

    kid: str
    state: KeyState
    n: str
    e: str
    created_at: datetime
    promote_after: datetime | None = None
    withdraw_after: datetime | None = None
    promoted_at: datetime | None = None
    retired_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.kid.replace("-", "").replace("_", "").isalnum():
            raise InvalidValueError("kid", "is not a base64url thumbprint")

    @property
    def published(self) -> bool:
        """Whether the key belongs into the published key set."""
        return self.state in PUBLISHED
