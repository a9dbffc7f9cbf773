"""Explain on the terminal why a run refuses a registration URL."""

from typing import Final

from ltictl.model.invitation import Invitation, InvitationState
from ltictl.operations.context import Context
from ltictl.operations.events import LinkRefusal, LinkRefused
from ltictl.operations.invite import LookedUp

# The page tells these in the same words: they would say what other invitations there are.
HIDDEN_REASONS: Final = frozenset(
    {
        LinkRefusal.UNKNOWN,
        LinkRefusal.ALTERED,
        LinkRefusal.OTHER_ORGANIZATION,
        LinkRefusal.DAMAGED,
    }
)


# The page says nothing of it, since a stranger could ask for links.
def refusal_of(context: Context, link: LookedUp, expected: str | None) -> LinkRefused | None:
    """Return why a link cannot be used, ``None`` if it can.

    Args:
        context: the profile.
        link: the invitation that the URL names.
        expected: slug of the only organization whose links count, ``None`` for all.
    """
    invitation = link.opened
    if invitation is None:
        return _unknown(link, expected)
    reason = _reason(context, invitation, expected)
    if reason is None:
        return None
    return LinkRefused(
        reason, invitation.id, invitation.organization, expected, invitation.spent_by
    )


def _reason(context: Context, invitation: Invitation, expected: str | None) -> LinkRefusal | None:
    if expected not in {None, invitation.organization}:
        return LinkRefusal.OTHER_ORGANIZATION
    state = invitation.state(context.now())
    return None if state is InvitationState.OPEN else LinkRefusal(state.value)


def _unknown(link: LookedUp, expected: str | None) -> LinkRefused:
    if link.damaged:  # its document is there, so the id is one of ours
        return LinkRefused(LinkRefusal.DAMAGED, link.id, None, expected)
    if link.named is None:
        return LinkRefused(LinkRefusal.UNKNOWN, None, None, expected)
    return LinkRefused(LinkRefusal.ALTERED, link.id, link.named.organization, expected)
