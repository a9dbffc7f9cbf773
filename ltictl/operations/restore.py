"""Restore an integration that was removed, with its secrets where they are kept."""

from msgspec import Struct

from ltictl.errors import AlreadyExistsError, LtictlError, NotFoundError
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.model.suggestion import did_you_mean, likeliest
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_records import find_registered, require_free_deployments
from ltictl.store.removed import (
    RemovedIntegration,
    clear,
    has_secrets,
    newest_removed,
    removed_ids,
    restore_secrets,
)

_SHOWN = 5


class Restored(Struct, frozen=True):
    """A restored integration, and warnings about it."""

    integration: Integration
    warnings: tuple[str, ...] = ()


def plan_restore(context: Context, identifier: str) -> Integration:
    """Return the integration that ``restore_integration`` would put back; nothing is written.

    Raises:
        NotFoundError: no integration of that id was removed, or its organization is gone.
        AlreadyExistsError: there is one of that id now.
        LtictlError: ``already_added`` or ``deployment_taken``: another one has its place.
    """
    return _find(context, identifier).integration


def restore_integration(context: Context, identifier: str) -> Restored:
    """Put a removed integration back as it was, its status included.

    Raises:
        NotFoundError, AlreadyExistsError, LtictlError: as in ``plan_restore``; nothing was changed.
        LtictlError: it could not be written.
    """
    profile = context.profile
    with changed(context, Action.RESTORE) as change:
        copy = _find(context, identifier)
        restored = replace(copy.integration, updated_at=context.now())
        had_secrets = has_secrets(profile, identifier)
        # The secrets first: a run that is cut off between the two can do the same once more.
        complete = restore_secrets(profile, identifier)
        profile.integrations.add(restored)
        clear(profile, copy.path)
        change.note(identifier)
    warning = (
        f"Several copies of the secrets of {identifier} are kept, and none was restored: without "
        "them the LMS takes no updates from here."
    )
    return Restored(restored, (warning,) if had_secrets and not complete else ())


def _find(context: Context, identifier: str) -> RemovedIntegration:
    """Return the removed integration, if nothing has taken its place."""
    profile = context.profile
    if profile.integrations.exists(identifier):
        raise AlreadyExistsError(
            "already_exists",
            f"There is already the integration {identifier!r}.",
            why="It was never removed, or another one was made under that id.",
            fix=f"See it: {hint('show', identifier)}",
        )
    copy = newest_removed(profile, identifier)
    if copy is None:
        raise _never_removed(context, identifier)
    integration = copy.integration
    if not profile.organizations.exists(integration.organization):
        raise NotFoundError(
            "no_such_organization",
            f"{identifier!r} belongs to the organization {integration.organization!r}, which is "
            "gone.",
            fix=f"Add it first: {hint('org', 'add', integration.organization)}",
        )
    _require_place(context, integration)
    return copy


def _require_place(context: Context, integration: Integration) -> None:
    stored = context.profile.integrations.all().items
    issuer, client_id = integration.platform.issuer, integration.client_id
    # Two integrations of one registration would both be exported.
    known = find_registered(stored, integration.organization, issuer, client_id)
    if known is not None:
        raise LtictlError(
            "already_added",
            f"{known.organization!r} has this registration already: {known.id!r}.",
            why="It was recorded again after it had been removed; nothing was changed.",
            fix=f"See '{hint('show', known.id)}'.",
            data={"integration": known.id},
        )
    # A launch finds its organization by client and deployment, so both need one owner.
    require_free_deployments(stored, integration, integration.deployments)


def _never_removed(context: Context, identifier: str) -> NotFoundError:
    there = removed_ids(context.profile)
    shown = ", ".join(there[:_SHOWN]) + (" ..." if len(there) > _SHOWN else "")
    listed = f"These can be restored: {shown}." if there else "Nothing was removed from here."
    return NotFoundError(
        "no_such_removed_integration",
        f"No integration {identifier[:80]!r} was removed.",
        fix=did_you_mean(identifier, there) + listed,
        instead=(identifier, likeliest(identifier, there)),
    )
