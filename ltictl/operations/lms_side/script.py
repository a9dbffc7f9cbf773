"""The program that an LMS's administrator runs on the LMS's own host."""

from ltictl.errors import NotFoundError
from ltictl.operations.context import Context
from ltictl.platforms.administration import interface_of
from ltictl.platforms.table import family_named, slugs


def host_script(context: Context, family: str, organization: str) -> str:
    """Return the program's text.

    Raises:
        NotFoundError: there is none for this family, or no such organization.
    """
    context.profile.require()
    if organization:
        context.profile.organizations.get(organization)
    found = interface_of(family_named(family).slug)
    if found is None or found.script is None:
        known = [each for each in slugs() if (other := interface_of(each)) and other.script]
        raise NotFoundError(
            "no_lms_script",
            f"There is no program for {family!r}.",
            fix=f"There is one for: {', '.join(known) or 'no LMS yet'}.",
        )
    tool = context.profile.settings().tool
    return found.script({"organization": organization, "url": tool.url})
