"""Give integrations the new address of their LMS; ids, clients, deployments and history stay."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from ltictl.errors import LtictlError, NotFoundError, OperatorWarning
from ltictl.model.hint import hint
from ltictl.model.integration import FormerAddress, FormerClient, Integration
from ltictl.model.moment import rfc3339
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_records import find_registered, require_free_deployments
from ltictl.operations.lms_facts.destination import Destination
from ltictl.operations.lms_facts.rewrite_addresses import at_new_issuer, moved_where_possible
from ltictl.operations.member_edits import MemberEdit, edits_between
from ltictl.operations.settled import require_settled_at
from ltictl.platforms.table import family_of

# Long enough for an application that is deployed once a month, short enough for a domain that the
# school gives up: its next owner could speak for the former issuer.
ACCEPTED_FOR: Final = timedelta(days=30)
_OF_PLATFORM: Final = (
    *("issuer", *ENDPOINTS, "audience"),
    *("registration_endpoint", "configuration_url", "family", "version", "name", "guid"),
)
_OF_INTEGRATION: Final = ("client_uri", "lms_url")


class Move(Struct, frozen=True):
    """One integration at the new address, and the members that change; none if it was there."""

    integration: Integration
    changes: tuple[MemberEdit, ...]


class Moves(Struct, frozen=True):
    """The moves of one run, planned or made, and warnings about them."""

    moves: tuple[Move, ...]
    warnings: tuple[str, ...] = ()

    @property
    def changing(self) -> tuple[Move, ...]:
        """Those that change something."""
        return tuple(each for each in self.moves if each.changes)

    @property
    def to_new_address(self) -> bool:
        """Whether an issuer changes, and not only the time of a former address."""
        return any(edit.member == "issuer" for each in self.moves for edit in each.changes)


def integrations_at(context: Context, former: str, organization: str) -> tuple[str, ...]:
    """Return the ids of the integrations at an issuer, or that moved away from it.

    Args:
        context: the profile.
        former: the issuer, byte for byte.
        organization: slug, empty for all.

    Raises:
        NotFoundError: there is no such organization, or no such integration.
    """
    if organization:
        context.profile.organizations.get(organization)
    stored = [
        each
        for each in context.profile.integrations.all()
        if not organization or each.organization == organization
    ]
    found = tuple(each.id for each in stored if _is_of(each, former))
    if found:
        return found
    issuers = ", ".join(sorted({each.platform.issuer for each in stored})[:5])
    raise NotFoundError(
        "no_such_integration",
        f"No integration has the issuer {former[:200]!r}.",
        why="An issuer is compared letter by letter, a slash at its end included.",
        fix=f"There are: {issuers}." if issuers else "List what there is: ltictl list",
    )


def _is_of(integration: Integration, issuer: str) -> bool:
    former = (each.platform.issuer for each in integration.former_addresses)
    return issuer in {integration.platform.issuer, *former}


def plan_moves(context: Context, identifiers: Sequence[str], to: Destination) -> Moves:
    """Return what a move would change; nothing is written.

    Raises:
        NotFoundError: an integration does not exist.
        UsageError: ``endpoints_elsewhere``.
        LtictlError: ``already_added`` or ``deployment_taken``: another integration has this client
            at the new address.
        NeedsRecoveryError: a registration there was cut off.
    """
    context.profile.require()
    now = context.now()
    unique = tuple(dict.fromkeys(identifiers))
    before = [context.profile.integrations.get(each) for each in unique]
    moves = tuple(_moved(each, to, now) for each in before)
    planned = Moves(moves, tuple(_warnings(before, to)))
    for one, move in zip(before, moves, strict=True):
        if move.integration.platform.issuer != one.platform.issuer:
            # At both addresses: the answer of an open attempt would bring a client to the wrong
            # one.
            require_settled_at(context, one.organization, one.platform.issuer)
            require_settled_at(context, one.organization, to.issuer)
    _require_places(context, [each.integration for each in planned.changing])
    return planned


def move_integrations(context: Context, identifiers: Sequence[str], to: Destination) -> Moves:
    """Move integrations to the new address of their LMS; they count as not verified there.

    Raises:
        LtictlError: as ``plan_moves``, with nothing changed; or one could not be written, and
            those before it are moved. The same move once more moves the others.
    """
    now = context.now()
    with changed(context, Action.MOVE) as change:
        planned = plan_moves(context, identifiers, to)
        for each in planned.changing:
            identifier = each.integration.id
            context.profile.integrations.change(
                identifier, lambda one: _moved(one, to, now).integration
            )
            change.note(identifier)
    return planned


def _moved(integration: Integration, to: Destination, now: datetime) -> Move:
    if integration.platform.issuer == to.issuer:
        return _accepted_anew(integration, to, now)
    before = integration.platform
    after = replace(
        integration,
        platform=_platform_at(integration, to),
        client_uri=moved_where_possible(integration.client_uri, before.issuer, to.issuer),
        lms_url=moved_where_possible(integration.lms_url, before.issuer, to.issuer),
        former_clients=tuple(_moved_clients(integration, to)),
        former_addresses=_addresses_before(integration, to, now),
        # The former proof says nothing about another address.
        lms_switch=None,
        problems=(),
        problem_announced=False,
        verified_at=None,
        updated_at=now,
    )
    changes = (
        *edits_between(before, after.platform, _OF_PLATFORM),
        *edits_between(integration, after, _OF_INTEGRATION),
    )
    return Move(after, changes)


def _accepted_anew(integration: Integration, to: Destination, now: datetime) -> Move:
    """Return an integration that is there already, with another time for its former addresses."""
    if to.accepted_for is None or not integration.former_addresses:
        return Move(integration, ())
    until = now + to.accepted_for
    before = max(each.accepted_until for each in integration.former_addresses)
    addresses = (replace(each, accepted_until=until) for each in integration.former_addresses)
    after = replace(integration, former_addresses=tuple(addresses), updated_at=now).accepting(now)
    return Move(after, (MemberEdit("accepted_until", rfc3339(before), rfc3339(until)),))


def _platform_at(integration: Integration, to: Destination) -> Platform:
    before = integration.platform
    if to.configuration is None:
        return at_new_issuer(integration.id, before, to.issuer)
    found = to.configuration.platform
    return replace(found, name=found.name or before.name, guid=found.guid or before.guid)


# At Sakai each client has a token endpoint of its own, which the configuration does not name.
def _moved_clients(integration: Integration, to: Destination) -> Iterator[FormerClient]:
    for each in integration.former_clients:
        if each.platform is None:
            yield each
        else:
            platform = at_new_issuer(integration.id, each.platform, to.issuer)
            yield replace(each, platform=platform)


def _addresses_before(
    integration: Integration, to: Destination, now: datetime
) -> tuple[FormerAddress, ...]:
    """Return the former addresses after the move, the one that it leaves last."""
    left = integration.platform.issuer
    earlier = (
        each
        for each in integration.accepting(now).former_addresses
        if each.platform.issuer not in {left, to.issuer}
    )
    until = now + (ACCEPTED_FOR if to.accepted_for is None else to.accepted_for)
    clients = replace(integration, former_addresses=()).clients
    added = (FormerAddress(each.client_id, each.platform, now, until) for each in clients)
    return (*earlier, *(each for each in added if until > now))


def _require_places(context: Context, moved: Sequence[Integration]) -> None:
    """Raise an error where another integration has the client of a moved one already."""
    stored = {each.id: each for each in context.profile.integrations.all()}
    after = (stored | {each.id: each for each in moved}).values()
    by_client: dict[tuple[str, str], list[Integration]] = {}
    for each, client in ((one, client) for one in after for client in one.clients):
        by_client.setdefault((client.platform.issuer, client.client_id), []).append(each)
    for each in moved:
        issuer, client_id = each.platform.issuer, each.client_id
        others = [one for one in by_client[issuer, client_id] if one.id != each.id]
        known = find_registered(others, each.organization, issuer, client_id)
        if known is not None:
            raise _already(each, known)
        require_free_deployments(others, each, each.deployments)


def _already(moved: Integration, known: Integration) -> LtictlError:
    return LtictlError(
        "already_added",
        f"{known.organization!r} has this client at {known.platform.host} already: {known.id!r}.",
        why=f"Issuer and client_id would be those of {moved.id!r} after the move; nothing was "
        "changed.",
        fix=f"To keep {moved.id} and its history, remove the other one, then move again: "
        + hint("remove", known.id),
        data={"integration": known.id},
    )


def _warnings(before: Iterable[Integration], to: Destination) -> Iterator[str]:
    if to.configuration is None:
        return
    yield from to.configuration.warnings
    found = to.configuration.platform
    for each in before:
        family, new = family_of(each.platform.family), family_of(found.family)
        if family.slug != new.slug:
            yield OperatorWarning(
                f"{each.id} is at {family.title}, and the LMS at the new address is {new.title}, "
                "which hardly knows this client."
            )
        if each.platform.guid and found.guid and each.platform.guid != found.guid:
            yield OperatorWarning(
                f"The account at the new address is another one than {each.id}'s."
            )
