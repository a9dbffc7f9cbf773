"""The JSON that a Canvas administrator pastes to make an LTI developer key by hand.

Source: Canvas's documentation, "Configuring" (``lti_dev_key_config``).
"""

from collections.abc import Mapping
from typing import Any, Final

from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.platforms.canvas import CANVAS_PREFIX

# C-MOD: what Canvas itself makes of the standard names.
_PLACEMENTS: Final = {"ContentArea": "link_selection", "RichTextEditor": "editor_button"}
_NAMES: Final = {"name", "given_name", "family_name"}


def developer_key(request: Mapping[str, Any]) -> dict[str, Any]:
    """The document for a request that was cut for Canvas."""
    tool = request[TOOL_CONFIGURATION]
    extension = {
        "platform": "canvas.instructure.com",
        "domain": tool["domain"],
        "tool_id": tool.get(CANVAS_PREFIX + "tool_id"),
        "privacy_level": tool.get(CANVAS_PREFIX + "privacy_level") or _privacy(tool["claims"]),
        "settings": {
            "text": request["client_name"],
            "icon_url": request.get("logo_uri"),
            "placements": [each for message in tool["messages"] for each in _placed(message, tool)],
        },
    }
    extension["settings"] = _given(extension["settings"])
    return _given(
        {
            "title": request["client_name"],
            "description": tool.get("description") or request["client_name"],
            "target_link_uri": tool["target_link_uri"],
            "oidc_initiation_url": request["initiate_login_uri"],
            "public_jwk_url": request["jwks_uri"],
            "scopes": request.get("scope", "").split(),
            "custom_fields": tool.get("custom_parameters"),
            "extensions": [_given(extension)],
        }
    )


def _placed(message: Mapping[str, Any], tool: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry per placement; without one Canvas shows the message in the link selection."""
    names = [
        _PLACEMENTS.get(each, each.removeprefix(CANVAS_PREFIX))
        for each in message.get("placements", ["ContentArea"])
    ]
    # C-DOC: it says something about the course navigation only.
    hidden = message.get(CANVAS_PREFIX + "course_navigation/default_enabled") is False
    return [
        _given(
            {
                "placement": name,
                "message_type": message["type"],
                "target_link_uri": message.get("target_link_uri") or tool["target_link_uri"],
                "text": message["label"],
                "icon_url": message.get("icon_uri"),
                "custom_fields": message.get("custom_parameters"),
                "visibility": message.get(CANVAS_PREFIX + "visibility"),
                "display_type": message.get(CANVAS_PREFIX + "display_type"),
                "launch_width": message.get(CANVAS_PREFIX + "launch_width"),
                "launch_height": message.get(CANVAS_PREFIX + "launch_height"),
                "default": "disabled" if hidden and name == "course_navigation" else None,
            }
        )
        for name in dict.fromkeys(names)
    ]


def _privacy(claims: list[str]) -> str:
    named, mailed = not _NAMES.isdisjoint(claims), "email" in claims
    if named and mailed:
        return "public"
    if named:
        return "name_only"
    return "email_only" if mailed else "anonymous"


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
