"""Issue, list and revoke invitations."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.model.invitation import DEFAULT_LIFE, Invitation, InvitationState, secret_digest
from ltictl.model.moment import to_the_minute
from ltictl.model.record import replace
from ltictl.model.sentence import Sentence
from ltictl.model.web_address import WebAddress
from ltictl.operations.context import Context

if TYPE_CHECKING:
    from ltictl.store.log.recorder import State

_SECRET_BYTES = 24
# Message and cause for each state in which an invitation opens nothing.
UNUSABLE: Final = {
    InvitationState.SPENT: ("This registration link has been used.", "It works once."),
    InvitationState.REVOKED: ("This registration link was revoked.", "Its issuer withdrew it."),
    InvitationState.EXPIRED: ("This registration link has expired.", "It was good until {time}."),
}
ASK_FOR_ANOTHER: Final = "Ask for a new registration link."


class IssuedInvitation(Struct, frozen=True):
    """An invitation together with its secret, which is shown once and stored nowhere.

    Attributes:
        invitation: as stored.
        token: ``ID.SECRET``, the value of the URL's ``t`` parameter.
    """

    invitation: Invitation
    token: str

    def url(self, base: str) -> str:
        """Return the registration URL.

        Args:
            base: address of the callback page; its query stays.
        """
        return f"{base}{'&' if '?' in base else '?'}t={self.token}"


def invite(
    context: Context,
    *,
    organization: str | None,
    create: bool = False,
    platform: str | None = None,
    life: timedelta = DEFAULT_LIFE,
    address: str | None = None,
) -> IssuedInvitation:
    """Issue an invitation.

    Args:
        context: the profile.
        organization: slug; ``None`` leaves the choice to the page.
        create: whether to make the organization if there is none.
        platform: URL of the only LMS that may use it, ``None`` for any.
        life: the time for which it is open.
        address: the page's address in its URL.

    Raises:
        NotFoundError: there is no such organization.
        InvalidValueError: the platform is not a URL.
        LtictlError: it could not be written.
    """
    context.profile.require()
    if organization is not None:
        _require_organization(context, organization, create=create)
    now = context.now()
    # In lower case: then nothing is lost where a program changes an address's case. Of 192 random
    # bits more than 160 are left.
    secret = context.random_text(_SECRET_BYTES).lower()
    invitation = Invitation(
        # Hexadecimal, so that an address in another case still finds it.
        id=os.urandom(4).hex(),
        secret_sha256=secret_digest(secret),
        organization=organization,
        platform=WebAddress.parse(platform, "--platform").origin if platform else None,
        created_at=now,
        expires_at=now + life,
        address=address,
    )
    context.profile.invitations.add(invitation)
    return IssuedInvitation(invitation, f"{invitation.id}.{secret}")


def _require_organization(context: Context, slug: str, *, create: bool) -> None:
    organizations = context.profile.organizations
    try:
        organizations.get(slug)
    except NotFoundError as error:
        if create:
            from ltictl.operations.organizations import add_organization  # 3 ms

            add_organization(context, slug)
            return
        error.fix = f"{error.fix} To make it at once, add --create."
        raise


def open_invitations(context: Context, organization: str | None = None) -> list[Invitation]:
    """Return the open invitations, the one that expires first in front."""
    return open_among(context.profile.invitations.all(), context.now(), organization)


def open_among(
    invitations: Iterable[Invitation], now: datetime, organization: str | None = None
) -> list[Invitation]:
    """Return the open ones of these invitations, of one organization or of all."""
    found = [
        each
        for each in invitations
        if each.state(now) is InvitationState.OPEN and organization in {None, each.organization}
    ]
    return sorted(found, key=lambda each: (each.expires_at, each.id))


def revoke_invitation(context: Context, identifier: str) -> Invitation:
    """Revoke an invitation; revoking twice is fine.

    Raises:
        NotFoundError: there is none of that id.
        LtictlError: ``invitation_spent``: it has made an integration.
    """
    now = context.now()

    def revoked(invitation: Invitation) -> Invitation:
        if invitation.spent_by:
            raise LtictlError(
                "invitation_spent",
                f"The integration {invitation.spent_by!r} came of this invitation already.",
                fix=f"To undo that: ltictl remove {invitation.spent_by}",
            )
        return invitation if invitation.revoked_at else replace(invitation, revoked_at=now)

    return context.profile.invitations.change(identifier, revoked)


def revoke_open(context: Context, identifiers: Iterable[str]) -> tuple[Invitation, ...]:
    """Revoke the invitations that are still open.

    Returns:
        The invitations that this run revoked.

    Raises:
        LtictlError: one could not be written; the others are revoked.
    """
    now = context.now()
    after: dict[str, Invitation] = {}

    def revoke(invitation: Invitation) -> Invitation:
        after.pop(invitation.id, None)  # a shared store edits again where another writer was first
        if invitation.state(now) is not InvitationState.OPEN:
            return invitation
        after[invitation.id] = replace(invitation, revoked_at=now)
        return after[invitation.id]

    wanted = dict.fromkeys(identifiers, revoke)
    failed = context.profile.invitations.change_each(wanted)
    for error in failed.values():
        # A person removed it since; a removed invitation opens nothing.
        if not isinstance(error, NotFoundError):
            raise error
    return tuple(after[each] for each in wanted if each in after and each not in failed)


def spend_invitation(context: Context, identifier: str, integration: str) -> None:
    """Record that an invitation made ``integration``; a missing invitation is no obstacle."""
    try:
        context.profile.invitations.change(identifier, _spent_by(integration))
    except NotFoundError:
        # A person removed it after the LMS had opened it; the integration is stored all the same.
        return


def planned_spending(context: Context, identifier: str, integration: str) -> "list[State]":
    """Return the change that ``spend_invitation`` will make, none without an invitation."""
    return (
        context.profile.invitations.plan(identifier, _spent_by(integration)) if identifier else []
    )


def _spent_by(integration: str) -> Callable[[Invitation], Invitation]:
    def spent(invitation: Invitation) -> Invitation:
        return invitation if invitation.spent_by else replace(invitation, spent_by=integration)

    return spent


class LookedUp(Struct, frozen=True):
    """The invitation that a registration URL names.

    Attributes:
        id: the id in the URL.
        named: the invitation with this id, ``None`` if it is unknown or damaged.
        opened: the same invitation, if the URL holds its secret.
        damaged: whether its document is damaged.
    """

    id: str
    named: Invitation | None
    opened: Invitation | None
    damaged: bool = False


# One document is read and as many digests are made for an unknown id as for a wrong secret, so that
# the time of the answer shows no stranger which ids exist.
def look_up(context: Context, token: str) -> LookedUp:
    """Find the invitation that a ``t`` parameter opens.

    Raises:
        UnreadableError: the operating system refused to read its document.
    """
    identifier, _, secret = token.partition(".")
    identifier, damaged, named = identifier.lower(), False, None
    try:
        named = context.profile.invitations.find(identifier)
    except UnreadableError as error:
        if error.code == "cannot_read":
            raise
        damaged = True
    # Secrets are of lower-case letters: some programs change the case of whole addresses.
    spellings = dict.fromkeys((secret, secret.lower()))
    matches = [(named or _NOBODYS).opens_with(each) for each in spellings]
    return LookedUp(identifier, named, named if any(matches) else None, damaged)


_NOBODYS = Invitation(
    id="0",
    secret_sha256="0" * 64,
    created_at=datetime.min.replace(tzinfo=UTC),
    expires_at=datetime.min.replace(tzinfo=UTC),
)


def invitation_problem(invitation: Invitation, now: datetime) -> LtictlError | None:
    """Return why an invitation cannot be used at ``now``, ``None`` if it can."""
    state = invitation.state(now)
    if state is InvitationState.OPEN:
        return None
    message, why = UNUSABLE[state]
    until = {"time": to_the_minute(invitation.expires_at)} if "{time}" in why else {}
    cause = Sentence(why, **until)
    return LtictlError(f"invitation_{state.value}", message, why=cause, fix=ASK_FOR_ANOTHER)


def note_opened(context: Context, identifier: str) -> Invitation:
    """Store the time at which an LMS first opened an invitation, and return the invitation.

    Raises:
        NotFoundError: there is none.
    """
    invitations, now = context.profile.invitations, context.now()
    invitation = invitations.get(identifier)
    if invitation.opened_at is not None:
        return invitation
    try:
        return invitations.change(
            identifier, lambda each: each if each.opened_at else replace(each, opened_at=now)
        )
    except LtictlError:
        # A full disk must not keep an administrator from the page.
        return invitation
