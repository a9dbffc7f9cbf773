"""Registering again: which stored integration the LMS, or a person, means to change."""

from ltictl.errors import LtictlError, NotFoundError, RefusedError
from ltictl.model.integration import Integration
from ltictl.operations.context import Context
from ltictl.operations.registration.inspect_platform import Inspection, earlier_integrations


def meant_by_lms(
    context: Context, organization: str | None, inspection: Inspection
) -> Integration | None:
    """The integration that the LMS's token asks to update; ``None`` where it asks for none.

    Moodle's update token names a deployment id (recordings, 07-update). It may stand for a tool
    that is not recorded here: then the answer is stored as a new integration.

    Args:
        context: the profile.
        organization: the only one that it may belong to, ``None`` for any.
        inspection: the LMS and what its token tells.

    Raises:
        RefusedError: ``other_organization``: it would change another organization's integration.
    """
    if not inspection.hint.is_update:
        return None
    issuer, deployment = inspection.configuration.platform.issuer, inspection.hint.subject
    found = [
        each
        for each in context.profile.integrations.all()
        if each.platform.issuer == issuer and deployment in {one.id for one in each.deployments}
    ]
    own = [each for each in found if organization in {None, each.organization}]
    if found and not own:
        raise RefusedError(
            "other_organization",
            "The LMS asks to update a tool that belongs to another organization.",
            why="The registration URL was made for one organization and pasted for another.",
            fix=f"Choose 'Register as a new external tool' in {inspection.family.title}, or use a "
            "URL that was made for that organization.",
        )
    return own[0] if own else None


def replaced_by(
    context: Context, organization: str, inspection: Inspection, wanted: str
) -> tuple[str, tuple[str, ...]]:
    """What a registration without a page changes: the id, empty to add one, and warnings.

    Args:
        context: the profile.
        organization: slug.
        inspection: the LMS.
        wanted: id that a person named, empty for none.

    Raises:
        NotFoundError: the organization has no such integration at this LMS.
        LtictlError: ``update_mismatch``: the LMS asks to update another one.
        RefusedError: ``other_organization``.
    """
    meant = meant_by_lms(context, organization, inspection)
    if meant is not None and wanted not in {"", meant.id}:
        raise LtictlError(
            "update_mismatch",
            f"The LMS asks to update {meant.id!r}, and not {wanted!r}.",
            fix=f"Give --update {meant.id}, or choose the other tool in the LMS.",
        )
    if meant is not None or inspection.hint.is_update:
        return (meant.id if meant else ""), ()
    earlier = [each.id for each in earlier_integrations(context, organization, inspection)]
    if wanted and wanted not in earlier:
        raise NotFoundError(
            "nothing_to_update",
            f"{organization!r} has no integration {wanted[:80]!r} at this LMS.",
            fix=f"Those are there: {', '.join(earlier)}." if earlier else "Leave out --update.",
        )
    if earlier and not wanted:
        told = f"{organization!r} has {', '.join(earlier)} at this LMS already; another is added."
        return "", (f"{told} To change it instead: --update {earlier[0]}",)
    return wanted, ()
