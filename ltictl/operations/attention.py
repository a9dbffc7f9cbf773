"""Find stored facts that need a person, each with one line of advice; asks no LMS."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from ltictl.lti.vocabulary import short_scope
from ltictl.model.integration import Integration, Status
from ltictl.model.invitation import Invitation, InvitationState
from ltictl.model.moment import to_the_minute
from ltictl.platforms.table import family_of

_INVITED_LONG = timedelta(days=1)
_EXPIRED_LONG = timedelta(days=30)  # after that nobody waits for it any more
_PENDING_LONG = timedelta(days=7)


class Attention(Struct, frozen=True):
    """One thing that needs a person.

    Attributes:
        kind: stable name.
        id: of the integration or invitation.
        detail: the fact.
        fix: the next step.
    """

    kind: str
    id: str
    detail: str
    fix: str


def integrations_to_look_after(
    integrations: Iterable[Integration], now: datetime
) -> Iterator[Attention]:
    """Yield what integrations lack; disabled ones do not count."""
    for each in integrations:
        # An operator switched it off on purpose.
        if each.status is not Status.DISABLED:
            yield from _of_integration(each, now)


def _of_integration(each: Integration, now: datetime) -> Iterator[Attention]:
    family = family_of(each.platform.family)
    verify = f"ltictl verify {each.id}"
    if each.problems:
        yield Attention("failing", each.id, "; ".join(each.problems), verify)
    switch = each.lms_switch
    # A failing proof mentions the switch already; two lines on one cause help nobody.
    if switch is not None and not switch.active and not each.problems:
        detail = f"switched off in the LMS since {to_the_minute(switch.since)}"
        yield Attention("off_in_lms", each.id, detail, f"ltictl lms activate {each.id}")
    if not each.deployments:
        detail = "no deployment id is known"
        fix = f"ltictl deployment add {each.id} DEPLOYMENT_ID (it is there: {family.deployment})"
        yield Attention("no_deployment", each.id, detail, fix)
    if each.verified_at is None and not each.problems:
        yield Attention("unverified", each.id, "it was never verified", verify)
    missing = not_granted(each)
    if missing:
        fix = f"ask its administrators to allow them ({family.editing}), then: {verify}"
        yield Attention("less_granted", each.id, f"not granted: {', '.join(missing)}", fix)
    if each.status is Status.PENDING and now - each.created_at >= _PENDING_LONG:
        detail = f"pending for {(now - each.created_at).days} days"
        yield Attention("pending", each.id, detail, f"ltictl activate {each.id}")


def not_granted(integration: Integration) -> list[str]:
    """Return the short names of requested services that the last token did not carry."""
    scopes = integration.scopes
    # No token was seen yet, which is not the same as a token without services.
    if scopes.granted is None:
        return []
    return [short_scope(each) for each in scopes.requested if each not in scopes.granted]


def invitations_to_look_after(
    invitations: Iterable[Invitation], now: datetime
) -> Iterator[Attention]:
    """Yield the invitations that expired unused, each with the last step of its holder."""
    for each in invitations:
        state, whom = each.state(now), each.whom
        waited = state is InvitationState.OPEN and now - each.created_at >= _INVITED_LONG
        ended = state is InvitationState.EXPIRED and now - each.expires_at < _EXPIRED_LONG
        if not waited and not ended:
            continue
        kind = "never_opened" if each.opened_at is None else "not_finished"
        progress = (
            "no LMS has opened it" if each.opened_at is None else "opened, but not registered"
        )
        if waited:
            fix = f"ask whether {whom} has pasted it; 'ltictl register' has to be running"
        else:
            org = f" --org {each.organization}" if each.organization else ""
            fix = f"it is too old; issue another: ltictl registration-url{org}"
        yield Attention(kind, each.id, f"invitation for {whom}: {progress}", fix)
