"""Build the registration request for one LMS, by the specification and its family."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ltictl.errors import InvalidValueError, OperatorWarning, UnreadableError
from ltictl.lti.redirects import describe_unlisted, unlisted_targets
from ltictl.lti.registration import build_request
from ltictl.model.profile import Settings
from ltictl.model.record import replace
from ltictl.model.tool import Tool
from ltictl.platforms.extensions import check_overrides
from ltictl.platforms.family import Family
from ltictl.platforms.recognition import check_aliases
from ltictl.platforms.shape import NOTHING_LISTED, Listed, Shaped, shape

if TYPE_CHECKING:
    from ltictl.lti.configuration import PlatformConfiguration


def listed_in(configuration: "PlatformConfiguration") -> Listed:
    """Return the values that an LMS lists as supported."""
    return Listed(
        configuration.scopes_supported,
        configuration.messages_supported,
        configuration.placements_supported,
    )


def request_for(
    tool: Tool, family: Family, integration: str, listed: Listed = NOTHING_LISTED
) -> Shaped:
    """Return the registration request for one LMS.

    Args:
        tool: the tool's settings.
        family: the LMS's family.
        integration: id that replaces ``{integration}`` in URIs.
        listed: the values that the LMS supports.

    Raises:
        UnreadableError: ``[tool.platforms]`` says something impossible.
    """
    # Before anything is sent: an LMS would refuse it, and its link may work only once.
    require_overrides(tool)
    presented = tool.at(family.slug)
    request = build_request(presented, integration)
    shaped = shape(request, family, presented, listed)
    fault = redirect_fault(request)
    if not fault:
        return shaped
    warning = f"{fault}, and an LMS refuses to launch what is not listed. {LIST_TARGETS}"
    return replace(shaped, warnings=(*shaped.warnings, OperatorWarning(warning)))


LIST_TARGETS = "Write every target_link_uri into redirect_uris in profile.toml, letter by letter."


def redirect_fault(*requests: Mapping[str, Any]) -> str:
    """Return the fault of ``redirect_uris`` as the end of a sentence, empty for none."""
    unlisted = dict.fromkeys(each for request in requests for each in unlisted_targets(request))
    return describe_unlisted(unlisted, (each for one in requests for each in one["redirect_uris"]))


def require_overrides(tool: Tool) -> None:
    """Check ``[tool.platforms]`` of ``profile.toml`` for all families.

    Raises:
        UnreadableError: it says something impossible.
    """
    try:
        check_overrides(tool)
    except InvalidValueError as error:
        raise _invalid_setting(error) from error


def require_families(settings: Settings) -> None:
    """Check everything that ``profile.toml`` says about families of LMSs.

    Raises:
        UnreadableError: it says something impossible.
    """
    require_overrides(settings.tool)
    try:
        check_aliases(settings.aliases)
    except InvalidValueError as error:
        raise _invalid_setting(error) from error


def _invalid_setting(error: InvalidValueError) -> UnreadableError:
    return UnreadableError(
        "invalid_setting",
        f"profile.toml: {error}",
        why="The file was edited and now says something that ltictl cannot use.",
        fix=error.fix or "Correct the setting; 'ltictl help settings' lists them all.",
    )
