"""The members under ``[tool.platforms.FAMILY]`` that only one family knows: judged and renamed."""

from collections.abc import Mapping
from typing import Any

from ltictl.errors import InvalidValueError
from ltictl.model.tool import Tool
from ltictl.platforms.family import Extension, Family
from ltictl.platforms.table import family_named, slugs

_COMMON = ("name", "description", "scopes", "claims", "custom_parameters", "messages")
_COMMON_OF_MESSAGES = (
    "type",
    "label",
    "target_link_uri",
    "icon_uri",
    "placements",
    "roles",
    "custom_parameters",
)
_KINDS = {str: "a string", int: "a whole number", bool: "true or false"}


def check_overrides(tool: Tool) -> None:
    """Judge everything under ``[tool.platforms]``, for all families at once.

    Raises:
        InvalidValueError: a family or a member is unknown, or a value cannot be used.
    """
    for slug in tool.platforms:
        if slug not in slugs():
            raise InvalidValueError(
                f"tool.platforms.{slug}", "is no family", fix=f"Known: {', '.join(slugs())}."
            )
        family = family_named(slug)
        presented = tool.at(slug)
        extension_members(presented.extensions, family.shape.tool_extensions, family, "")
        for message in presented.messages:
            extension_members(
                message.extensions, family.shape.message_extensions, family, ".messages"
            )


def extension_members(
    settings: Mapping[str, object], known: Mapping[str, Extension], family: Family, part: str
) -> dict[str, Any]:
    """Return the members for the request.

    Args:
        settings: as they stand in the profile.
        known: the family's, by their names in the profile.
        family: for the name of the setting in errors.
        part: what to add to that name, ``.messages`` or nothing.

    Raises:
        InvalidValueError: a member is unknown, or its value cannot be used.
    """
    members = {}
    for name, value in settings.items():
        setting = f"tool.platforms.{family.slug}{part}.{name}"
        extension = known.get(name)
        if extension is None:
            common = _COMMON_OF_MESSAGES if part else _COMMON
            raise InvalidValueError(
                setting, "is not a setting", fix=f"Known here: {', '.join((*common, *known))}."
            )
        _check(setting, extension, value)
        members[extension.member] = value
    return members


def _check(setting: str, extension: Extension, value: object) -> None:
    if type(value) is not extension.kind:  # not isinstance: true is no number
        raise InvalidValueError(setting, f"must be {_KINDS[extension.kind]}")
    if extension.choices and value not in extension.choices:
        raise InvalidValueError(setting, f"must be one of {', '.join(extension.choices)}")
