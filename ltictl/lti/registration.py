"""The registration request (LTI Dynamic Registration 1.0, 3.5.1, tool configuration); pure.

It leaves absent members out and never writes null, which Canvas refuses.
"""

from typing import Any
from urllib.parse import urlsplit

from ltictl.lti.vocabulary import TOOL_CONFIGURATION, full_scope
from ltictl.model.integration import filled
from ltictl.model.tool import Message, Tool


def build_request(tool: Tool, integration: str) -> dict[str, Any]:
    """Return the JSON body of a registration request.

    Args:
        tool: the tool to register.
        integration: the id that replaces the placeholders in URIs.

    Returns:
        Members in the order in which the specification lists them.
    """

    def uri(template: str) -> str:
        return filled(template, integration)

    return _given(
        application_type="web",
        grant_types=["client_credentials", "implicit"],
        response_types=["id_token"],
        redirect_uris=[uri(each) for each in tool.redirect_uris],
        initiate_login_uri=uri(tool.initiate_login_uri),
        client_name=tool.name,
        client_uri=uri(tool.url),
        logo_uri=uri(tool.logo_uri),
        policy_uri=uri(tool.policy_uri),
        tos_uri=uri(tool.tos_uri),
        contacts=list(tool.contacts),
        jwks_uri=uri(tool.jwks_uri),
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106  a method, not a password
        scope=" ".join(requested_scopes(tool)),
    ) | {TOOL_CONFIGURATION: _tool_configuration(tool, uri(tool.target_link_uri), integration)}


def requested_scopes(tool: Tool) -> tuple[str, ...]:
    """Return the full URIs of the tool's scopes, each once."""
    return tuple(dict.fromkeys(full_scope(name) for name in tool.scopes))


def _tool_configuration(tool: Tool, target: str, integration: str) -> dict[str, Any]:
    # Moodle compares domain with the target's host and port, letter by letter (recordings, 04).
    required = {
        "domain": urlsplit(target).netloc,
        "target_link_uri": target,
        "claims": list(tool.claims),
        "messages": [_message(each, tool.name, integration) for each in tool.messages],
    }
    optional = _given(description=tool.description, custom_parameters=dict(tool.custom_parameters))
    return required | optional


def _message(message: Message, tool_name: str, integration: str) -> dict[str, Any]:
    return _given(
        type=message.type,
        target_link_uri=filled(message.target_link_uri, integration),
        label=message.label or tool_name,
        icon_uri=message.icon_uri.replace("{integration}", integration),
        custom_parameters=dict(message.custom_parameters),
        placements=list(message.placements),
        roles=list(message.roles),
    )


def _given(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in ("", [], {})}
