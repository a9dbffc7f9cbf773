"""The document that a developer key of Canvas is made from, by hand or through its interface.

Sources: as in ``ltictl.platforms.families.canvas``.
"""

from collections.abc import Mapping
from typing import Any, Final

from ltictl.lti.vocabulary import EULA, TOOL_CONFIGURATION
from ltictl.platforms.form import NAME_CLAIMS

# In front of Canvas's own names, in a registration request and in its configuration.
PREFIX: Final = "https://canvas.instructure.com/lti/"
# C-RP: a licence stands in no placement.
PLACELESS: Final = frozenset({EULA})
# C-MOD: what Canvas itself makes of the standard names.
_STANDARD: Final = {"ContentArea": "link_selection", "RichTextEditor": "editor_button"}


def developer_key(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document for a request that was shaped for Canvas."""
    tool = request[TOOL_CONFIGURATION]
    extension = {
        "platform": "canvas.instructure.com",
        "domain": tool["domain"],
        "tool_id": tool.get(PREFIX + "tool_id"),
        "privacy_level": tool.get(PREFIX + "privacy_level") or _privacy(tool["claims"]),
        "settings": {
            "text": request["client_name"],
            "icon_url": request.get("logo_uri"),
            "placements": [
                each for message in tool["messages"] for each in _placements(message, tool)
            ],
            "message_settings": _message_settings(tool),
        },
    }
    extension["settings"] = _without_empty(extension["settings"])
    return _without_empty(
        {
            "title": request["client_name"],
            "description": tool.get("description") or request["client_name"],
            "target_link_uri": tool["target_link_uri"],
            "oidc_initiation_url": request["initiate_login_uri"],
            "public_jwk_url": request["jwks_uri"],
            "scopes": request.get("scope", "").split(),
            "custom_fields": tool.get("custom_parameters"),
            "extensions": [_without_empty(extension)],
        }
    )


def _placements(message: Mapping[str, Any], tool: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one entry for each placement; a message without one is for the link selection."""
    if message["type"] in PLACELESS:
        return []
    names = [
        _STANDARD.get(each, each.removeprefix(PREFIX))
        for each in message.get("placements", ["ContentArea"])
    ]
    # C-DOC: it says something about the course navigation only.
    hidden = message.get(PREFIX + "course_navigation/default_enabled") is False
    return [
        _without_empty(
            {
                "placement": name,
                "message_type": message["type"],
                "target_link_uri": message.get("target_link_uri") or tool["target_link_uri"],
                "text": message["label"],
                "icon_url": message.get("icon_uri"),
                "custom_fields": message.get("custom_parameters"),
                "visibility": message.get(PREFIX + "visibility"),
                "display_type": message.get(PREFIX + "display_type"),
                "launch_width": message.get(PREFIX + "launch_width"),
                "launch_height": message.get(PREFIX + "launch_height"),
                "default": "disabled" if hidden and name == "course_navigation" else None,
            }
        )
        for name in dict.fromkeys(names)
    ]


def _message_settings(tool: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one entry for each message that stands by itself instead of in a placement (C-RP)."""
    return [
        _without_empty(
            {
                "type": message["type"],
                "enabled": True,
                "target_link_uri": message.get("target_link_uri") or tool["target_link_uri"],
                "custom_fields": message.get("custom_parameters"),
            }
        )
        for message in tool["messages"]
        if message["type"] in PLACELESS
    ]


def _privacy(claims: list[str]) -> str:
    named, mailed = not NAME_CLAIMS.isdisjoint(claims), "email" in claims
    if named and mailed:
        return "public"
    if named:
        return "name_only"
    return "email_only" if mailed else "anonymous"


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
