"""Things that end or fall due within days: invitations, and the next steps of signing keys."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from ltictl.model.hint import hint
from ltictl.model.invitation import Invitation, InvitationState
from ltictl.model.signing_key import KeyState, SigningKey, key_steps

SOON = timedelta(days=7)


class Expiry(StrEnum):
    """The kinds of thing that end."""

    INVITATION = "invitation"
    NEXT_KEY = "next_key"
    RETIRING_KEY = "retiring_key"


class Expiring(Struct, frozen=True):
    """One thing that ends.

    Attributes:
        kind: of thing.
        id: of the invitation, or the key's ``kid``.
        at: UTC; a step of a key may be overdue.
        detail: what happens then.
        fix: the next command.
    """

    kind: Expiry
    id: str
    at: datetime
    detail: str
    fix: str


def expiring(
    invitations: Iterable[Invitation], keys: Sequence[SigningKey], now: datetime
) -> tuple[Expiring, ...]:
    """Return what ends within a week, the soonest first.

    Args:
        invitations: of the profile; only open ones can end.
        keys: of the profile, as they count.
        now: UTC.
    """
    found = (*_invitations(invitations, now), *_keys(keys))
    near = [each for each in found if each.at - now <= SOON]
    return tuple(sorted(near, key=lambda each: (each.at, each.id)))


def _invitations(invitations: Iterable[Invitation], now: datetime) -> Iterator[Expiring]:
    for each in invitations:
        # A spent or revoked URL has ended already, and nobody waits for it.
        if each.state(now) is InvitationState.OPEN:
            progress = "" if each.opened_at is None else ", opened but not finished"
            org = ("--org", each.organization) if each.organization else ()
            yield Expiring(
                Expiry.INVITATION,
                each.id,
                each.expires_at,
                f"the registration URL for {each.whom} ends{progress}",
                hint("registration-url", *org),
            )


def _keys(keys: Sequence[SigningKey]) -> Iterator[Expiring]:
    for key, due in key_steps(keys):
        promoted = key.state is KeyState.NEXT
        yield Expiring(
            Expiry.NEXT_KEY if promoted else Expiry.RETIRING_KEY,
            key.kid,
            # Without a time of its own the step is due since the last event.
            due or key.last_event,
            "the next key may sign" if promoted else "the former key may leave the key set",
            hint("rotate-keys"),
        )
