"""Invitations: one-time, expiring permissions to register one integration."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from ltictl.model.moment import Moment
from ltictl.model.organization import check_slug

DEFAULT_LIFE: Final = timedelta(days=7)


class InvitationState(StrEnum):
    """The state of an invitation at a moment."""

    OPEN = "open"
    SPENT = "spent"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Invitation(Struct, frozen=True):
    """An invitation from ``registration-url``; the secret itself is never stored.

    Attributes:
        id: public half of the ``t`` parameter.
        secret_sha256: lower-case hex of the secret's SHA-256.
        created_at, expires_at: UTC.
        organization: slug, or ``None`` where the page asks.
        platform: origin of the LMS that it is pinned to, or ``None``.
        spent_by: id of the integration that was registered with it.
        revoked_at: UTC.
        opened_at: UTC, when an LMS first opened it.
        address: the page's address in the URL that was handed out; ``None`` if unknown.
    """

    id: str
    secret_sha256: str
    created_at: Moment
    expires_at: Moment
    organization: str | None = None
    platform: str | None = None
    spent_by: str | None = None
    revoked_at: Moment | None = None
    opened_at: Moment | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        check_slug(self.id, "invitation")
        if self.organization is not None:
            check_slug(self.organization, "organization")

    @property
    def whom(self) -> str:
        """The organization that it is for, in words."""
        return self.organization or "any organization"

    def state(self, now: datetime) -> InvitationState:
        """Return the invitation's state at ``now`` (UTC)."""
        # Before the date: a spent one that has expired since is still spent, and names its
        # integration.
        if self.spent_by is not None:
            return InvitationState.SPENT
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.EXPIRED if now >= self.expires_at else InvitationState.OPEN

    def opens_with(self, secret: str) -> bool:
        """Return whether ``secret`` is the issued secret, compared in constant time."""
        import hmac  # it and hashlib take 3 ms, and 'list' compares nothing

        return hmac.compare_digest(secret_digest(secret), self.secret_sha256)


def secret_digest(secret: str) -> str:
    """Return the lower-case hex SHA-256 of a secret, the only form that is stored."""
    import hashlib

    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
