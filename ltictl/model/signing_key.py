"""Signing keys: state, dates and public half. Private halves never leave ``ltictl.store``."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.moment import Moment
from ltictl.model.record import replace


class KeyState(StrEnum):
    """The states of a key in order: published, signing, only published, kept."""

    NEXT = "next"
    CURRENT = "current"
    RETIRING = "retiring"
    RETIRED = "retired"


PUBLISHED = frozenset({KeyState.NEXT, KeyState.CURRENT, KeyState.RETIRING})


class SigningKey(Struct, frozen=True):
    """One RSA key of the profile; each method returns the key after one event.

    An event that cannot happen in the key's state leaves the key unchanged, so two runs that intend
    the same event apply it once.

    Attributes:
        kid: RFC 7638 thumbprint, base64url.
        state: its present state.
        n, e: public key as in a JWK (RFC 7518, 6.3.1): base64url, minimal, no padding.
        created_at, promoted_at, stopped_at, retired_at: UTC, when it was made, began to sign,
            stopped signing, and left the published set.
        promote_after: the earliest time at which it may sign.
        withdraw_after: the earliest time at which it may leave the published set.
        missed_at: when a run last found it absent from the published set; its wait began again.
        published_at: the time since which every run has found it in the published set.
        handed_on_at: when the application received it.
        confirmed_at: when a later run found that it signs.
        promotion: the number of this promotion in the profile; 0 where unknown.
        refetch_with: for a withdrawn compromised key, the kid of a key that was new to every
            platform.
        unannounced: whether the hook has not yet run for its last change.
        held_as: the name by which ``keys.signer`` knows the private half; empty where the profile
            holds that itself.
    """

    kid: str
    state: KeyState
    n: str
    e: str
    created_at: Moment
    promote_after: Moment | None = None
    withdraw_after: Moment | None = None
    promoted_at: Moment | None = None
    retired_at: Moment | None = None
    stopped_at: Moment | None = None
    missed_at: Moment | None = None
    published_at: Moment | None = None
    handed_on_at: Moment | None = None
    confirmed_at: Moment | None = None
    promotion: int = 0
    refetch_with: str = ""
    unannounced: bool = False
    held_as: str = ""

    def __post_init__(self) -> None:
        if not self.kid.replace("-", "").replace("_", "").isalnum():
            raise InvalidValueError("kid", "is not a base64url thumbprint")

    @property
    def published(self) -> bool:
        """Whether the key belongs in the published key set."""
        return self.state in PUBLISHED

    @property
    def waits_since(self) -> datetime:
        """The start of the time that the key must be published before it signs."""
        return max(self.missed_at or self.created_at, self.created_at)

    @property
    def signs_since(self) -> datetime:
        """The time from which the key's age counts."""
        return self.promoted_at or self.created_at

    @property
    def last_event(self) -> datetime:
        """The time of the key's last event, by the clock of that time."""
        moments = (self.created_at, self.promoted_at, self.stopped_at, self.missed_at)
        return max(each for each in moments if each)

    def promoted(self, now: datetime, promotion: int) -> Self:
        """Return the key as the one that signs."""
        if self.state not in {KeyState.NEXT, KeyState.RETIRING}:
            return self
        return replace(
            self,
            state=KeyState.CURRENT,
            promoted_at=now,
            promotion=promotion,
            promote_after=None,
            withdraw_after=None,
            stopped_at=None,
            handed_on_at=None,
            confirmed_at=None,
            unannounced=True,
        )

    def stopped(self, now: datetime, retire_after: timedelta) -> Self:
        """Return the key as published but no longer signing."""
        if self.state is not KeyState.CURRENT:
            return self
        return replace(
            self,
            state=KeyState.RETIRING,
            stopped_at=now,
            withdraw_after=now + retire_after,
            unannounced=True,
        )

    def withdrawn(self, now: datetime, refetch_with: str = "") -> Self:
        """Return the key as no longer published."""
        if self.state is KeyState.RETIRED:
            return self
        return replace(
            self,
            state=KeyState.RETIRED,
            retired_at=now,
            promote_after=None,
            withdraw_after=None,
            refetch_with=refetch_with,
            unannounced=True,
        )

    def seen(self, now: datetime, max_age: timedelta) -> Self:
        """Return the key as found in the published set, which may be cached for ``max_age``."""
        if self.state is not KeyState.NEXT:
            return self
        earliest = self.waits_since + max_age
        return replace(
            self,
            published_at=self.published_at or now,
            promote_after=max(self.promote_after or earliest, earliest),
        )

    def missed(self, now: datetime) -> Self:
        """Return the key as absent from the published set, with its wait begun again."""
        if self.state is not KeyState.NEXT or self.promote_after is None:
            return self
        wait = max(self.promote_after - self.waits_since, timedelta())
        return replace(self, missed_at=now, published_at=None, promote_after=now + wait)

    def not_after(self, now: datetime) -> Self:
        """Return the key with every event that is dated after ``now`` moved to ``now``."""
        # A clock that was ahead at the time of an event may have dated it in the future.
        ahead = max((self.stopped_at or now) - now, timedelta())

        def past(moment: datetime | None) -> datetime | None:
            return min(moment, now) if moment else None

        return replace(
            self,
            created_at=min(self.created_at, now),
            promoted_at=past(self.promoted_at),
            stopped_at=past(self.stopped_at),
            missed_at=past(self.missed_at),
            published_at=past(self.published_at),
            withdraw_after=self.withdraw_after - ahead if self.withdraw_after else None,
        )

    def dated(self, publish_for: timedelta | None, retire_after: timedelta | None) -> Self:
        """Return the key with its dates moved to other durations; ``None`` keeps a date."""
        if self.state is KeyState.NEXT and publish_for is not None:
            return replace(self, promote_after=self.waits_since + publish_for)
        if self.state is KeyState.RETIRING and retire_after is not None:
            since = self.stopped_at or self.signs_since
            return replace(self, withdraw_after=since + retire_after)
        return self


def signer_of(keys: Iterable[SigningKey]) -> SigningKey | None:
    """Return the one key that signs."""
    # A run promotes the new key before it stops the former one, since two documents cannot change
    # at once. Where it was cut off between the two, the later promotion counts. Promotions have
    # numbers, because a clock that was set back would put their dates into the wrong order.
    current = [key for key in keys if key.state is KeyState.CURRENT]
    return max(current, key=lambda key: (key.promotion, key.signs_since, key.kid), default=None)


def as_they_count(keys: Iterable[SigningKey]) -> tuple[SigningKey, ...]:
    """Return the keys oldest first, with a current key that has a successor shown as retiring."""
    ordered = sorted(keys, key=lambda key: (key.created_at, key.kid))
    signer = signer_of(ordered)
    return tuple(
        replace(key, state=KeyState.RETIRING)
        if key.state is KeyState.CURRENT and key is not signer
        else key
        for key in ordered
    )


def key_steps(keys: Sequence[SigningKey]) -> list[tuple[SigningKey, Moment | None]]:
    """Return the keys, as they count, whose state is to change, each with its earliest time."""
    promotions = [(key, key.promote_after) for key in keys if key.state is KeyState.NEXT]
    return promotions + [
        (key, key.withdraw_after) for key in keys if key.state is KeyState.RETIRING
    ]


def next_step(keys: Sequence[SigningKey]) -> datetime | None:
    """Return the time at which the next change of a key is due; it may lie in the past."""
    # A change without a date waits for nothing: it has been due since the key's last event.
    return min((moment or key.last_event for key, moment in key_steps(keys)), default=None)
