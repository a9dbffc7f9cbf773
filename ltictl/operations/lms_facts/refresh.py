"""Read the configurations of LMSs again, and bring the stored facts up to date."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import LtictlError, RefusedError
from ltictl.lti.configuration import PlatformConfiguration
from ltictl.lti.vocabulary import short_scope
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.lms_facts.moved_lms import find_new_address
from ltictl.operations.member_edits import MemberEdit, edits_between
from ltictl.operations.requests import listed_in, request_for
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.policy import GuardPolicy

# A proof by 'verify' is about these.
_PROVED: Final = (*ENDPOINTS, "audience")
_FACTS: Final = (*_PROVED, "registration_endpoint", "family", "version", "name", "guid")
# They say how the family was recognised, and change with it.
_WITH_FAMILY: Final = ("announced", "recognised_by")


class Reading(Struct, frozen=True):
    """One integration, and what its LMS says of itself now.

    Attributes:
        integration: as it is stored.
        platform: with the present facts; as it is stored where they could not be read.
        services: short names of services that the tool requests and the LMS lists now, although
            the registration did not request them.
        error: the reason why they could not be read.
        skipped: whether this LMS never shows them.
    """

    integration: Integration
    platform: Platform
    services: tuple[str, ...] = ()
    error: LtictlError | None = None
    skipped: bool = False

    @property
    def changes(self) -> tuple[MemberEdit, ...]:
        """The facts that differ."""
        return edits_between(self.integration.platform, self.platform, _FACTS)

    def refreshed(self, stored: Integration) -> Integration:
        """Return an integration with the present facts."""
        if stored.platform.issuer != self.platform.issuer:
            return stored  # it was moved while a person was asked
        names = [each.member for each in self.changes]
        names += _WITH_FAMILY if "family" in names else ()
        members = {name: getattr(self.platform, name) for name in names}
        platform = replace(stored.platform, **members)
        # A proof of other addresses proves nothing about these.
        unproved = any(name in _PROVED for name in names)
        verified_at = None if unproved else stored.verified_at
        return replace(stored, platform=platform, verified_at=verified_at)


def read_again(
    context: Context, policy: "GuardPolicy", identifiers: Sequence[str]
) -> tuple[Reading, ...]:
    """Read the configurations of integrations again; each address is asked once.

    Args:
        context: the profile.
        policy: the limits of the requests.
        identifiers: ids; the readings have their order.

    Raises:
        NotFoundError: an integration does not exist.
        UnreadableError: ``profile.toml`` says something impossible.
    """
    context.profile.require()
    stored = [context.profile.integrations.get(each) for each in dict.fromkeys(identifiers)]
    context.progress("Asking LMSs for their descriptions ...")
    return tuple(asyncio.run(_read_each(context, policy, stored)))


async def _read_each(
    context: Context, policy: "GuardPolicy", stored: Sequence[Integration]
) -> list[Reading]:
    from ltictl.net.client import GuardedClient

    # One issuer may have several addresses, and one address be stored with several issuers.
    platforms = {_key(each): each.platform for each in stored if _is_readable(each)}
    async with GuardedClient(policy, reuse=True) as client:
        asking = (_read(context, client, platform) for platform in platforms.values())
        answers = dict(zip(platforms, await asyncio.gather(*asking), strict=True))
    return [_reading(context, each, answers) for each in stored]


def _key(integration: Integration) -> tuple[str, str]:
    return integration.platform.configuration_url, integration.platform.issuer


def _is_readable(integration: Integration) -> bool:
    platform = integration.platform
    return bool(platform.configuration_url) and family_of(platform.family).configuration_again


async def _read(
    context: Context, client: "GuardedClient", stored: Platform
) -> PlatformConfiguration | LtictlError:
    from ltictl.operations.lms_facts.read_configuration import configuration_again

    aliases = context.profile.settings().aliases
    try:
        found = await configuration_again(client, stored.configuration_url, aliases)
    except LtictlError as error:
        new = await find_new_address(client, stored, error)
        return error if new is None else _moved(new.sign, new.command(stored.issuer))
    issuer, url = found.platform.issuer, found.platform.configuration_url
    if issuer == stored.issuer:
        return found
    move = hint("move", "--from", stored.issuer, "--issuer", issuer, "--from-configuration", url)
    return _moved(f"The issuer is {issuer} now, and was {stored.issuer}", move)


def _reading(
    context: Context,
    integration: Integration,
    answers: Mapping[tuple[str, str], PlatformConfiguration | LtictlError],
) -> Reading:
    stored = integration.platform
    found = (
        answers.get(_key(integration)) if _is_readable(integration) else _unreadable(integration)
    )
    if not isinstance(found, PlatformConfiguration):
        skipped = not _is_readable(integration)
        return Reading(integration, stored, error=found, skipped=skipped)
    platform = replace(
        found.platform,
        # An audience of its own was entered by a person, or proved by 'verify'.
        audience=found.platform.audience
        if stored.audience == stored.token_endpoint
        else stored.audience,
        name=found.platform.name or stored.name,
        guid=found.platform.guid or stored.guid,
    )
    return Reading(integration, platform, _new_services(context, integration, found))


def _new_services(
    context: Context, integration: Integration, found: PlatformConfiguration
) -> tuple[str, ...]:
    family = family_of(found.platform.family)
    tool = context.profile.settings().tool
    wanted = request_for(tool, family, integration.id, listed_in(found)).scopes
    known = {*integration.scopes.requested, *(integration.scopes.answered or ())}
    listed = set(found.scopes_supported)
    return tuple(short_scope(each) for each in wanted if each in listed and each not in known)


def store_readings(context: Context, readings: Sequence[Reading]) -> tuple[Integration, ...]:
    """Store the present facts, and return all integrations as they are then.

    Raises:
        LtictlError: one could not be written; those before it are stored.
    """
    integrations = context.profile.integrations
    with changed(context, Action.REFRESH) as change:
        for each in readings:
            if each.changes:
                integrations.change(each.integration.id, _edit(context, each))
                change.note(each.integration.id)
    return tuple(integrations.get(each.integration.id) for each in readings)


def _edit(context: Context, reading: Reading) -> Callable[[Integration], Integration]:
    now = context.now()

    def edit(stored: Integration) -> Integration:
        fresh = reading.refreshed(stored)
        return stored if fresh == stored else replace(fresh, updated_at=now)

    return edit


def _unreadable(integration: Integration) -> LtictlError:
    family = family_of(integration.platform.family)
    if integration.platform.configuration_url:
        why = f"{family.subject} shows its configuration only during a registration, with a token."
    else:
        why = "It was recorded by hand, so that the address of its configuration is not known."
    return LtictlError(
        "configuration_not_shown",
        f"The configuration of {integration.id} cannot be read again.",
        why=why,
        fix="Compare its addresses with those in the LMS, and record what changed: "
        + hint("edit", integration.id, "--set", "token_endpoint=URL"),
    )


def _moved(sign: str, command: str) -> RefusedError:
    return RefusedError(
        "lms_moved",
        f"{sign}.",
        why="The LMS has probably moved to another address, and its issuer with it.",
        fix=f"Ask the school whether its LMS has moved. If so: {command}",
    )
