"""Add, list, show, rename and remove organizations."""

from ltictl.errors import (
    AlreadyExistsError,
    LtictlError,
    NeedsRecoveryError,
    NotFoundError,
    UnreadableError,
)
from ltictl.model.attempt import Stage
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.model.organization import Organization
from ltictl.model.quantity import counted
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import id_stem, possible_ids
from ltictl.store.listing import Listing


def add_organization(context: Context, slug: str, name: str = "") -> Organization:
    """Add an organization.

    Raises:
        InvalidValueError: slug or name cannot be used.
        AlreadyExistsError: its slug is in use.
        LtictlError: it could not be written.
    """
    organization = Organization(slug, context.now(), name)
    context.profile.require()
    try:
        context.profile.organizations.add(organization)
    except AlreadyExistsError as error:
        if name and context.profile.organizations.get(slug).name != name:
            error.fix = f"To give it that name: {hint('org', 'rename', slug, '--name', name)}"
        raise
    return organization


def rename_organization(context: Context, slug: str, name: str) -> Organization:
    """Change the name of an organization, or remove it by an empty one; the slug stays.

    Raises:
        InvalidValueError: the name cannot be used.
        NotFoundError: there is no such organization.
        LtictlError: it could not be written.
    """
    context.profile.require()
    with changed(context, Action.RENAME) as change:
        before = context.profile.organizations.get(slug)
        owned = integrations_of(context, slug)
        after = context.profile.organizations.change(slug, lambda each: replace(each, name=name))
        if after != before:  # 'export json' carries the name, so the hook runs
            change.note(*(each.id for each in owned))
    return after


def list_organizations(context: Context) -> Listing[Organization]:
    """Return all organizations."""
    context.profile.require()
    return context.profile.organizations.all()


# Ids begin with the organization's slug, so the documents of others are not opened.
def integrations_of(
    context: Context, slug: str, *, strict: bool = False
) -> tuple[Integration, ...]:
    """Return the integrations of one organization.

    A damaged document hides only itself, unless ``strict``: it may belong to that organization.
    """
    integrations = context.profile.integrations
    # An id from an earlier version may begin otherwise: a removal must not overlook it.
    ids = possible_ids(context, slug) if strict else integrations.ids(id_stem(slug))
    found = []
    for identifier in ids:
        try:
            integration = integrations.get(identifier)
        except (UnreadableError, NotFoundError) as error:  # damaged, or removed just now
            if strict and isinstance(error, UnreadableError):
                raise
            continue
        if integration.organization == slug:
            found.append(integration)
    return tuple(found)


def remove_organization(context: Context, slug: str) -> Organization:
    """Remove an organization that owns nothing.

    Raises:
        NotFoundError: there is none of that name.
        LtictlError: ``organization_in_use``.
        NeedsRecoveryError: a registration of it was cut off; the LMS may have made a tool.
    """
    context.profile.organizations.get(slug)
    require_settled_everywhere(context, slug)
    owned = integrations_of(context, slug, strict=True)
    if owned:
        raise LtictlError(
            "organization_in_use",
            f"The organization {slug!r} owns {counted(len(owned), 'integration')}.",
            fix=f"Remove them first: ltictl remove {' '.join(each.id for each in owned)}",
        )
    return context.profile.organizations.remove(slug)


def require_settled_everywhere(context: Context, slug: str) -> None:
    """Raise an error where an attempt of an organization has no known outcome.

    Raises:
        NeedsRecoveryError: ``attempt_unsettled``; the error names the attempt.
    """
    attempts = context.profile.attempts
    for identifier in attempts.ids():
        if not identifier.startswith(id_stem(slug)):
            continue
        attempt = attempts.get(identifier)
        if attempt.organization == slug and attempt.stage is not Stage.INTENDED:
            raise NeedsRecoveryError(
                "attempt_unsettled",
                f"The {attempt.kind.value} {identifier!r} at {attempt.platform.host} has no known "
                "outcome.",
                why="The LMS may have made a tool that would then belong to nobody.",
                fix=f"Run 'ltictl recover {identifier}' first.",
                attempt=identifier,
            )
