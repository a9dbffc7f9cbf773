"""Judges a registration request: required members, in the platform's order.

The order and the words are those of the recordings (04-registration-request); nothing is fetched
and no address is checked beyond the domain rule, because the platform does not do it either.
"""

import json
import re
from typing import Any

from ltictl.lti.vocabulary import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION
from ltictl.sandbox.families import TOOL_SETTING
from ltictl.sandbox.refusals import BareWordError, ErrorPageError, UncaughtError
from ltictl.sandbox.tools import GradeSync, ToolSettings

# The width of the database columns for name and domain (recordings, name-256 and domain-long).
_COLUMN_WIDTH = 255
_NAME_CLAIMS = {"name", "given_name", "family_name"}
_TAG = re.compile(r"<[^>]*>")
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([^/]+)(?:/|$)", re.IGNORECASE)

Json = dict[str, Any]


def parse_registration(body: bytes) -> ToolSettings:
    """Return the settings that a request asks for.

    Raises:
        BareWordError: a member is missing or says what the platform does not offer.
        ErrorPageError: the body is not an object, or a member has the wrong type.
    """
    payload = _payload(body)
    response_types = _required(payload, "response_types")
    initiate_login_uri = _text(_required(payload, "initiate_login_uri"))
    redirect_uris = _required(payload, "redirect_uris")
    name = _column(_required(payload, "client_name"))
    jwks_uri = _text(_required(payload, "jwks_uri"))
    method = _required(payload, "token_endpoint_auth_method")
    configuration = _configuration(_required(payload, TOOL_CONFIGURATION))
    # The order of the checks decides which of several faults the answer names.
    domain, target_link_uri = _location(configuration)
    scopes = _scopes(payload.get("scope"))
    _check_response_types(response_types)
    _check_protocol(payload, redirect_uris, method)
    claims = _listed(configuration.get("claims"))
    return ToolSettings(
        name=name,
        description=_text(configuration.get("description")),
        domain=domain,
        target_link_uri=target_link_uri,
        initiate_login_uri=initiate_login_uri,
        redirect_uris=tuple(_text(uri) for uri in redirect_uris),
        jwks_uri=jwks_uri,
        logo_uri=_text(payload.get("logo_uri")),
        custom_parameters=_custom_parameters(configuration.get("custom_parameters")),
        deep_linking_uri=_deep_linking_uri(configuration.get("messages")),
        grade_sync=_grade_sync(scopes),
        memberships=SCOPES["contextmembership.readonly"] in scopes,
        tool_settings=TOOL_SETTING in scopes,
        send_name=not _NAME_CLAIMS.isdisjoint(claims),
        send_email="email" in claims,
    )


def domain_of(address: str) -> str | None:
    """Host and port as the platform compares them: case counts, a leading ``www.`` does not."""
    found = _HOST.match(address)
    return found.group(1) if found else None


def _payload(body: bytes) -> Json:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    # A JSON list is a PHP array without the wanted keys (recordings, json-array).
    if isinstance(payload, list):
        return {}
    if not isinstance(payload, dict):
        raise UncaughtError("registration_to_config(): Argument #1 must be of type array")
    return payload


def _required(payload: Json, name: str) -> Any:
    value = payload.get(name)
    # PHP also calls the text "0" empty (recordings, name-zero).
    if not value or value == "0":
        raise BareWordError(400, f"missing required attribute {name}")
    return value


def _configuration(value: Any) -> Json:
    if isinstance(value, list):
        return {}
    if not isinstance(value, dict):
        raise UncaughtError("get_parameter(): Argument #1 ($payload) must be of type array")
    return value


def _location(configuration: Json) -> tuple[str, str]:
    domain = _text(configuration.get("domain"))
    if not domain or domain == "0":
        raise BareWordError(400, "missing_domain")
    target_link_uri = _text(configuration.get("target_link_uri")) or f"https://{domain}"
    host = domain_of(domain)
    if host is None or host != domain_of(target_link_uri):
        raise BareWordError(400, "domain_targetlinkuri_mismatch")
    return _column(host), target_link_uri


def _check_response_types(value: Any) -> None:
    if "id_token" not in _listed(value):
        raise BareWordError(400, "invalid_response_types")


def _check_protocol(payload: Json, redirect_uris: Any, method: Any) -> None:
    if not isinstance(redirect_uris, list):
        raise BareWordError(400, "invalid_redirect_uris")
    if method != "private_key_jwt":
        raise BareWordError(400, "invalid_token_endpoint_auth_method")
    if payload.get("application_type") not in (None, "", "web"):
        raise BareWordError(400, "invalid_application_type")


def _scopes(value: Any) -> set[str]:
    if value and not isinstance(value, str):
        raise UncaughtError("explode(): Argument #2 ($string) must be of type string, array given")
    return set((value or "").split(" "))


def _grade_sync(scopes: set[str]) -> GradeSync:
    if SCOPES["lineitem"] in scopes:
        return GradeSync.COLUMNS
    reading = {SCOPES["score"], SCOPES["result.readonly"], SCOPES["lineitem.readonly"]}
    return GradeSync.NONE if reading.isdisjoint(scopes) else GradeSync.SCORES


def _deep_linking_uri(messages: Any) -> str | None:
    """Return the target of the last deep linking message; without one of its own it is empty."""
    found: str | None = None
    for message in _listed(messages):
        if not isinstance(message, dict):
            raise UncaughtError("Cannot access offset of type string on string")
        # The last one wins, and one without an address of its own takes the tool's.
        if message.get("type") == DEEP_LINKING:
            found = _text(message.get("target_link_uri"))
    return found


def _custom_parameters(value: Any) -> str:
    pairs = value.items() if isinstance(value, dict) else enumerate(_listed(value))
    return "\n".join(f"{name}={_text(content)}" for name, content in pairs)


def _listed(value: Any) -> list[Any]:
    """Return the items of a list or of an object, which PHP walks through alike."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list) or not value:
        return value or []
    raise UncaughtError("in_array(): Argument #2 ($haystack) must be of type array, string given")


def _column(value: Any) -> str:
    text = _text(value)
    if len(text) > _COLUMN_WIDTH:
        raise ErrorPageError("Error writing to database")
    return text


def _text(value: Any) -> str:
    """Return a JSON scalar as PHP writes it, without tags."""
    if isinstance(value, dict | list):
        raise ErrorPageError("Error writing to database")
    if value is None or isinstance(value, bool):
        return "1" if value else ""  # PHP: true is "1", false and null are ""
    # Recordings, name-html: tags are stripped, and their text stays.
    return _TAG.sub("", str(value))
