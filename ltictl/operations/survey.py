"""Collect the content of ``list``: integrations, attempts, invitations, damaged files."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import NotFoundError, UnreadableError
from ltictl.model.integration import Integration, Status
from ltictl.model.invitation import Invitation
from ltictl.model.moment import to_the_minute
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.invite import open_invitations
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.model.attempt import Attempt
    from ltictl.operations.attention import Attention
    from ltictl.store.listing import Listing


class Survey(Struct, frozen=True):
    """The state of a profile at a glance.

    Attributes:
        integrations: the selected integrations.
        attempts: unsettled registrations and updates.
        invitations: the open invitations.
        attention: the things that need a person, for ``needs_attention``.
        warnings: damaged documents, unsettled attempts; one sentence each.
        others: number of the other integrations.
    """

    integrations: tuple[Integration, ...]
    attempts: "tuple[Attempt, ...]"
    invitations: tuple[Invitation, ...]
    warnings: tuple[str, ...]
    attention: "tuple[Attention, ...]" = ()
    others: int = 0


class Filter(Struct, frozen=True):
    """The integrations that were asked for.

    Attributes:
        organization: only this one's, ``None`` for all.
        status: only those in this state.
        family: only those at LMSs of this family (slug).
        text: only those that mention it.
    """

    organization: str | None = None
    status: Status | None = None
    family: str | None = None
    text: str = ""

    def takes(self, integration: Integration) -> bool:
        """Return whether an integration was asked for."""
        return (
            (self.organization is None or integration.organization == self.organization)
            and (self.status is None or integration.status is self.status)
            and (self.family is None or family_of(integration.platform.family).slug == self.family)
            and (not self.text or _mentions(integration, self.text))
        )


def _mentions(integration: Integration, text: str) -> bool:
    from ltictl.operations.find_integration import mentions

    return mentions(integration, text)


def survey(context: Context, chosen: Filter, *, needs_attention: bool = False) -> Survey:
    """Read the profile.

    Args:
        context: the profile.
        chosen: the integrations that were asked for; its organization must exist.
        needs_attention: only those that need a person, and invitations that nobody used.

    Raises:
        UnreadableError: there is no profile.
        NotFoundError: there is no such organization.
    """
    rest = survey_without_integrations(context, chosen)
    among = _ids_to_read(context, chosen)
    listing = context.profile.integrations.all(among)
    wanted = tuple(each for each in listing if chosen.takes(each))
    attention: tuple[Attention, ...] = ()
    if needs_attention:
        attention = _attention(context, wanted, chosen.organization)
        named = {each.id for each in attention}
        wanted = tuple(each for each in wanted if each.id in named)
    return replace(
        rest,
        integrations=wanted,
        warnings=(*(error.message for error in listing.damaged), *rest.warnings),
        attention=attention,
        others=_count(context, listing, among) - len(wanted),
    )


def _ids_to_read(context: Context, chosen: Filter) -> list[str] | None:
    """Return the ids of the documents that may be of the chosen organization, ``None`` for all."""
    if chosen.organization is None:
        return None
    from ltictl.operations.integration_ids import possible_ids

    return possible_ids(context, chosen.organization)


def _count(context: Context, listing: "Listing[Integration]", among: list[str] | None) -> int:
    """Return the number of integrations in the profile, damaged ones left out if they were read."""
    if among is None:
        return len(listing.items)
    return len(context.profile.integrations.ids()) - len(listing.damaged)


def survey_without_integrations(context: Context, chosen: Filter) -> Survey:
    """Read all but the integrations; as in ``survey``."""
    organization = chosen.organization
    context.profile.require()
    if organization is not None:
        context.profile.organizations.get(organization)
    attempts, problems = unsettled(context)
    return Survey(
        integrations=(),
        attempts=tuple(each for each in attempts if organization in {None, each.organization}),
        invitations=tuple(open_invitations(context, organization)),
        warnings=problems,
    )


def read_integrations(
    context: Context, chosen: Filter, warn: Callable[[str], object]
) -> Iterator[Integration]:
    """Yield the chosen integrations one by one, and warn of damaged documents between them."""
    for each in context.profile.integrations.each(_ids_to_read(context, chosen)):
        if isinstance(each, UnreadableError):
            warn(each.message)
        elif chosen.takes(each):
            yield each


def _attention(
    context: Context, integrations: tuple[Integration, ...], organization: str | None
) -> "tuple[Attention, ...]":
    from ltictl.operations.attention import integrations_to_look_after, invitations_to_look_after

    now = context.now()
    invitations = [
        each
        for each in context.profile.invitations.all()
        if organization in {None, each.organization}
    ]
    return (
        *integrations_to_look_after(integrations, now),
        *invitations_to_look_after(invitations, now),
    )


# An attempt that a living process carries out is not cut off; one that stopped before its request
# left did no harm.
def unsettled(context: Context) -> "tuple[tuple[Attempt, ...], tuple[str, ...]]":
    """Return the attempts that were cut off after their request may have left, and warnings."""
    if not context.profile.has_attempts():
        return (), ()
    from ltictl.model.attempt import Stage

    attempts, warnings = [], []
    for identifier in context.profile.attempts.ids():
        try:
            attempts_of = context.profile.attempts
            if attempts_of.is_under_way(identifier) and not attempts_of.is_silent(identifier):
                continue
            attempt = context.profile.attempts.get(identifier)
        except NotFoundError:  # settled just now
            continue
        except UnreadableError as error:
            warnings.append(f"{error.message} {error.fix}")
            continue
        if attempt.stage is Stage.INTENDED:
            continue
        attempts.append(attempt)
        warnings.append(cut_off(attempt))
    return tuple(attempts), tuple(warnings)


def begun_only(context: Context) -> tuple[str, ...]:
    """Return the ids of attempts that stopped before their request could leave."""
    from ltictl.model.attempt import Stage

    attempts = context.profile.attempts
    found = []
    for identifier in attempts.ids():
        with suppress(NotFoundError, UnreadableError):
            begun = attempts.get(identifier).stage is Stage.INTENDED
            if begun and not attempts.is_under_way(identifier):
                found.append(identifier)
    return tuple(found)


def cut_off(attempt: "Attempt") -> str:
    """Return the warning for an attempt that was cut off."""
    from ltictl.model.attempt import AttemptKind

    what = {
        AttemptKind.REGISTRATION: "The registration",
        AttemptKind.UPDATE: "The update of",
        AttemptKind.LMS_CHANGE: "A change at the LMS of",
    }[attempt.kind]
    return (
        f"{what} {attempt.id!r} at {attempt.platform.host}, begun "
        f"{to_the_minute(attempt.created_at)}, was cut off ({_stage(attempt)}). "
        f"Settle it with 'ltictl recover {attempt.id}'."
    )


def _stage(attempt: "Attempt") -> str:
    from ltictl.model.attempt import Stage

    if attempt.stage is Stage.ANSWERED:
        return "the LMS's answer is kept"
    return "its answer was not read"
