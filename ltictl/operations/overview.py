"""The state of a whole profile for people who look at it; reads documents, asks no LMS."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration
from ltictl.model.signing_key import KeyState, SigningKey, key_steps
from ltictl.operations.attention import (
    Attention,
    integrations_to_look_after,
    invitations_to_look_after,
)
from ltictl.operations.context import Context
from ltictl.operations.metrics import LastResult, last_result
from ltictl.operations.signing import keys_as_they_count
from ltictl.operations.survey import unsettled
from ltictl.platforms.table import family_of

_MONTHS = 12


class ReportedIntegration(Struct, frozen=True):
    """One integration.

    Attributes:
        integration: as stored.
        organization: the name of its organization.
        lms: the LMS's kind and version.
        result: of its last ``verify``.
    """

    integration: Integration
    organization: str
    lms: str
    result: LastResult


class Month(Struct, frozen=True):
    """The registrations of one month in UTC, such as ``2026-01``."""

    name: str
    registrations: int


class KeyStep(Struct, frozen=True):
    """The next change of a signing key, and its earliest time, which may have passed."""

    key: SigningKey
    at: datetime


class Overview(Struct, frozen=True):
    """A profile at a glance.

    Attributes:
        now: when it was read.
        tool: the tool's name.
        place: of the profile.
        entries: the integrations, by organization and id.
        statuses: how many integrations are in each status.
        idle: the names of organizations without an integration.
        attention: what needs a person.
        months: the last twelve, the present one last.
        keys: all but the retired ones, oldest first.
        steps: the next changes of keys, the soonest first.
        warnings: damaged documents and attempts that were cut off.
    """

    now: datetime
    tool: str
    place: str
    entries: tuple[ReportedIntegration, ...]
    statuses: dict[str, int]
    idle: tuple[str, ...]
    attention: tuple[Attention, ...]
    months: tuple[Month, ...]
    keys: tuple[SigningKey, ...]
    steps: tuple[KeyStep, ...]
    warnings: tuple[str, ...]


def read_overview(context: Context) -> Overview:
    """Read the profile.

    Raises:
        UnreadableError: there is no profile, or ``profile.toml`` cannot be read.
    """
    profile, now = context.profile, context.now()
    settings = profile.settings()
    integrations, invitations = profile.integrations.all(), profile.invitations.all()
    organizations, keys = profile.organizations.all(), keys_as_they_count(context)
    names = {each.slug: each.label for each in organizations}
    owners = {each.organization for each in integrations}
    damaged: tuple[LtictlError, ...] = (
        *integrations.damaged,
        *invitations.damaged,
        *organizations.damaged,
        *keys.damaged,
    )
    return Overview(
        now=now,
        tool=settings.tool.name,
        place=profile.place,
        entries=tuple(sorted(_entries(integrations, names), key=_order)),
        # Sorted, so that two reports of one profile are the same bytes.
        statuses=dict(sorted(Counter(each.status.value for each in integrations).items())),
        idle=tuple(sorted(name for slug, name in names.items() if slug not in owners)),
        attention=(
            *integrations_to_look_after(integrations, now),
            *invitations_to_look_after(invitations, now),
        ),
        months=_months([each.created_at for each in integrations], now),
        keys=tuple(key for key in keys if key.state is not KeyState.RETIRED),
        steps=_steps(keys.items),
        warnings=(*(each.message for each in damaged), *unsettled(context)[1]),
    )


def _entries(
    integrations: Iterable[Integration], names: dict[str, str]
) -> Iterator[ReportedIntegration]:
    for each in integrations:
        lms = f"{family_of(each.platform.family).title} {each.platform.version}".strip()
        name = names.get(each.organization, each.organization)
        yield ReportedIntegration(each, name, lms, last_result(each))


def _order(entry: ReportedIntegration) -> tuple[str, str]:
    return entry.organization.casefold(), entry.integration.id


def _steps(keys: tuple[SigningKey, ...]) -> tuple[KeyStep, ...]:
    found = [KeyStep(key, due or key.last_event) for key, due in key_steps(keys)]
    return tuple(sorted(found, key=lambda step: (step.at, step.key.kid)))


def _months(moments: Iterable[datetime], now: datetime) -> tuple[Month, ...]:
    """Count moments in each of the last months; the months without any count too."""
    # UTC, as everywhere in documents; an operator's zone would move entries of the first day.
    counted = Counter(_month(each.astimezone(UTC)) for each in moments)
    last = _month(now.astimezone(UTC))
    return tuple(
        Month(f"{month // 12:04}-{month % 12 + 1:02}", counted[month])
        for month in range(last - _MONTHS + 1, last + 1)
    )


def _month(moment: datetime) -> int:
    """Return the number of a month since the year 0."""
    return moment.year * 12 + moment.month - 1
