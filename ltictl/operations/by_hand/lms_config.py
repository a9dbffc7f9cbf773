"""The values that an LMS administrator enters by hand for this tool."""

from ltictl.errors import LtictlError, UsageError
from ltictl.lti.keys import public_pem
from ltictl.model.integration import differs_by_integration
from ltictl.model.tool import Tool
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import free_ids, proposed_id
from ltictl.operations.requests import request_for
from ltictl.operations.signing import current_key, whole_key
from ltictl.platforms.family import Family
from ltictl.platforms.form import ByHand, Fixture, filled_in


def lms_config(
    context: Context, family: Family, organization: str = ""
) -> tuple[ByHand, tuple[str, ...]]:
    """Return the fields or the document for one LMS, and warnings about them.

    Args:
        context: the profile.
        family: the LMS.
        organization: slug; needed where the tool's addresses hold the integration's id.

    Raises:
        NotFoundError: there is no such organization.
        UsageError: the organization is needed.
    """
    tool = context.profile.settings().tool
    identifier = _identifier(context, tool, family, organization)
    shaped = request_for(tool, family, identifier)
    return filled_in(family.form, shaped.request, _public_key(context)), shaped.warnings


def fixture(
    context: Context, family: Family, organization: str = ""
) -> tuple[Fixture, tuple[str, ...]]:
    """Return the document that a command on the LMS's host loads, and warnings about it.

    Raises:
        NotFoundError: there is no such organization.
        UsageError: the organization is needed, or this LMS loads no such document.
    """
    if family.form.fixture is None:
        raise UsageError(
            "no_fixture",
            f"{family.subject} loads no fixture.",
            why="A fixture is a file that a command on the LMS's own host reads; few have one.",
            fix=f"Print the form: ltictl lms-config {family.slug}",
        )
    tool = context.profile.settings().tool
    shaped = request_for(tool, family, _identifier(context, tool, family, organization))
    return family.form.fixture(shaped.request), shaped.warnings


def _identifier(context: Context, tool: Tool, family: Family, organization: str) -> str:
    """Return the id that ``add`` will choose for the integration."""
    if organization:
        context.profile.organizations.get(organization)
        return next(free_ids(context, proposed_id(organization, family)))
    if differs_by_integration(repr(tool)):
        raise UsageError(
            "value_needed",
            "--org is needed.",
            why="The tool's addresses hold the integration's id, which begins with it.",
            fix=f"Repeat the command with the organization: ltictl lms-config {family.slug} "
            "--org SLUG",
        )
    return "integration"


def _public_key(context: Context) -> str:
    try:
        key = whole_key(context, current_key(context))
    except LtictlError:  # the application holds its keys
        key = None
    if key is None:
        return "the tool's public key"
    return public_pem(key.n, key.e).strip()
