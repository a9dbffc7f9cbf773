"""Import registrations of another runtime; stored ones stay as they are."""

from collections.abc import Sequence

from msgspec import Struct

from ltictl.errors import UsageError
from ltictl.interchange.incoming import ForeignDocument, Found
from ltictl.model.integration import Integration, Status
from ltictl.model.organization import Organization, check_slug
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import claim_id, id_stem, proposed_id, taken_ids
from ltictl.operations.integration_records import (
    add_deployments,
    find_registered,
    platform_in_document,
    record,
    require_free_deployments,
    scopes_at,
)
from ltictl.operations.organizations import add_organization
from ltictl.platforms.table import family_of


class ImportResult(Struct, frozen=True):
    """The changes of an import, made or planned.

    Attributes:
        integrations: all integrations of the document, after the import.
        added: ids of the new ones.
        changed: ids of those with further deployments.
        organizations: slugs of the new organizations.
    """

    integrations: tuple[Integration, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    organizations: tuple[str, ...]


def import_document(
    context: Context, document: ForeignDocument, *, organization: str, dry_run: bool = False
) -> ImportResult:
    """Import a document, after checking all of it; importing it twice is fine.

    Args:
        context: the profile.
        document: the registrations of another runtime.
        organization: slug for registrations without an organization; it is added if needed.
        dry_run: whether to write nothing.

    Raises:
        UsageError: an organization is needed.
        InvalidValueError: an address or name cannot be used.
        LtictlError: it could not be written.
    """
    context.profile.require()
    wanted = [(each, _owner(each, organization)) for each in document.found]
    present = context.profile.integrations.all().items
    taken = taken_ids(context)
    rows = [(each, owner, _integration(context, each, owner)) for each, owner in wanted]
    # All of the document is checked before any of it is written.
    _require_free(rows, present)
    for found, owner in wanted:  # its own checks: a bad name stops here, with nothing written
        Organization(owner, context.now(), found.organization_name)
    with changed(context, Action.IMPORT) as change:
        organizations = _add_owners(context, wanted, dry_run=dry_run)
        integrations, added, extended = [], [], []
        for number, (found, owner, fresh) in enumerate(rows, 1):
            context.progress(f"{number} of {len(rows)} taken over ...")
            known = find_registered(present, owner, fresh.platform.issuer, fresh.client_id)
            if known is None:
                named = replace(fresh, id=claim_id(_own_id(fresh), taken))
                stored = named if dry_run else record(context, named)
                added.append(stored.id)
            else:
                stored = known if dry_run else add_deployments(context, known.id, found.deployments)
                if _more(found, known):
                    extended.append(stored.id)
            integrations.append(stored)
        # A second import changes nothing, and runs no hook.
        if (added or extended) and not dry_run:
            change.note(*added, *extended)
    return ImportResult(tuple(integrations), tuple(added), tuple(extended), organizations)


def _require_free(
    rows: Sequence[tuple[Found, str, Integration]], present: Sequence[Integration]
) -> None:
    """Raise an error where a deployment would belong to two organizations."""
    seen = list(present)
    for _, owner, fresh in rows:
        known = find_registered(present, owner, fresh.platform.issuer, fresh.client_id)
        # An id that no stored integration has; the real one is claimed only when it is written.
        own = known or replace(fresh, id=f"new-{len(seen)}-of-this-import")
        require_free_deployments(seen, own, fresh.deployments)
        if known is None:
            seen.append(own)


def _more(found: Found, known: Integration) -> bool:
    there = {each.id for each in known.deployments}
    return any(each.id not in there for each in found.deployments)


def _owner(found: Found, organization: str) -> str:
    slug = found.organization or organization
    if not slug:
        raise UsageError(
            "organization_needed",
            "The document does not say to which organization its registrations belong.",
            fix="Name one: --org SLUG.",
        )
    return check_slug(slug, "organization")


def _integration(context: Context, found: Found, owner: str) -> Integration:
    now, settings = context.now(), context.profile.settings()
    platform = platform_in_document(found.platform, settings)
    return Integration(
        id=found.id or proposed_id(owner, family_of(platform.family)),
        organization=owner,
        status=found.status,
        platform=platform,
        client_id=found.client_id,
        created_at=found.created_at or now,
        updated_at=now,
        deployments=found.deployments,
        scopes=found.scopes if found.scopes.requested else scopes_at(platform, settings),
        activated_at=now if found.status is Status.ACTIVE else None,
        former_client_ids=found.former_client_ids,
        former_addresses=found.former_addresses,
    )


def _own_id(fresh: Integration) -> str:
    """Return the id of a new integration: the document's, if it begins with the slug."""
    if fresh.id.startswith(id_stem(fresh.organization)):
        return fresh.id
    return proposed_id(fresh.organization, family_of(fresh.platform.family))


def _add_owners(
    context: Context, rows: Sequence[tuple[Found, str]], *, dry_run: bool
) -> tuple[str, ...]:
    missing = {
        owner: found.organization_name
        for found, owner in rows
        if not context.profile.organizations.exists(owner)
    }
    if not dry_run:
        for slug, name in missing.items():
            add_organization(context, slug, name)
    return tuple(missing)
