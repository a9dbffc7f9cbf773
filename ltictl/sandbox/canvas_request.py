"""The judgement of a registration request as Canvas makes it (C-SCH, C-MOD, C-RP); not recorded."""

import re
from collections.abc import Collection
from typing import Any

from ltictl.lti.vocabulary import DEEP_LINKING, EULA, RESOURCE_LINK, TOOL_CONFIGURATION
from ltictl.sandbox.documented import Json
from ltictl.sandbox.refusals import JsonRefusalError

_LTI = "https://canvas.instructure.com/lti/"
_STANDARD = {"ContentArea": "link_selection", "RichTextEditor": "editor_button"}  # C-MOD
_KNOWN_PLACEMENT = re.compile(
    "(account|course|user|global|top)_navigation|[a-z]+_selection|[a-z_]+_menu|editor_button"
    "|homework_submission|collaboration|tool_configuration|student_context_card|post_grades"
    "|similarity_detection|ActivityAssetProcessor(Contribution)?"
)
_MESSAGES = {RESOURCE_LINK, DEEP_LINKING, EULA}  # C-RP; the last has no placement
_MEMBERS = (
    "application_type",
    "client_name",
    "client_uri",
    "contacts",
    "grant_types",
    "initiate_login_uri",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "redirect_uris",
    "response_types",
    "scope",
    "token_endpoint_auth_method",
    "tos_uri",
    TOOL_CONFIGURATION,
)


def kept_request(request: Json, scopes: Collection[str]) -> Json:
    """Return the members that Canvas keeps of a request.

    Raises:
        JsonRefusalError: 422, with all errors at once.
    """
    problems = [
        *_missing(request),
        *_refused_scopes(request, scopes),
        *_nulls(request),
        *_refused_messages(request),
    ]
    if problems:
        raise JsonRefusalError(422, {"errors": problems})
    members = {name: request[name] for name in _MEMBERS if name in request}
    tool = dict(request[TOOL_CONFIGURATION])
    tool["messages"] = [
        each if each["type"] == EULA else _placed(each) for each in tool["messages"]
    ]
    return members | {TOOL_CONFIGURATION: tool}


def _refused_scopes(request: Json, scopes: Collection[str]) -> list[str]:
    requested = str(request.get("scope", "")).split()
    return [
        f"scopes: {each} is not included in the list" for each in requested if each not in scopes
    ]


def _missing(request: Json) -> list[str]:
    tool = request.get(TOOL_CONFIGURATION)
    wanted = {
        "application_type": request.get("application_type") == "web",
        "client_name": bool(request.get("client_name")),
        "grant_types": {"client_credentials", "implicit"} <= _set(request.get("grant_types")),
        "initiate_login_uri": _is_address(request.get("initiate_login_uri")),
        "jwks_uri": _is_address(request.get("jwks_uri")),
        "redirect_uris": bool(_set(request.get("redirect_uris"))),
        "response_types": "id_token" in _set(request.get("response_types")),
        "token_endpoint_auth_method": request.get("token_endpoint_auth_method")
        == "private_key_jwt",
        "contacts": all("@" in str(each) for each in request.get("contacts") or []),
        "lti_tool_configuration": isinstance(tool, dict),
    }
    if isinstance(tool, dict):
        wanted |= {
            name: name in tool for name in ("domain", "target_link_uri", "messages", "claims")
        }
    return [f"{name} is invalid" for name, right in wanted.items() if not right]


def _messages_of(request: Json) -> list[Json]:
    tool = request.get(TOOL_CONFIGURATION)
    messages = tool.get("messages") if isinstance(tool, dict) else None
    found = messages if isinstance(messages, list) else []
    return [each for each in found if isinstance(each, dict)]


def _refused_messages(request: Json) -> list[str]:
    types = [each.get("type") for each in _messages_of(request)]
    return [f"messages: {each} is not a message" for each in types if each not in _MESSAGES]


def _nulls(request: Json) -> list[str]:
    return [
        f"messages: {name} must not be null"
        for message in _messages_of(request)
        for name in ("label", "icon_uri")
        if name in message and message[name] is None
    ]


def _set(value: Any) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _placed(message: Json) -> Json:
    """Replace standard placements by Canvas's own and drop unknown ones silently (C-MOD)."""
    names = [str(each).removeprefix(_LTI) for each in message.get("placements") or []]
    known = [_STANDARD.get(each, each) for each in names]
    placements = [each for each in known if _KNOWN_PLACEMENT.fullmatch(each)]
    return {**message, "placements": placements or ["link_selection"]}
