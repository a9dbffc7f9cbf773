"""Reads a tool's answer to "Select content": a signed message in, the chosen links out.

LTI Deep Linking 2.0, 4.5; nothing is stored here.
"""

from typing import Any, Final

from msgspec import Struct, field

from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID, CLAIM_MESSAGE_TYPE
from ltictl.sandbox.id_token import DEEP_LINKING_CLAIM
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import ErrorPageError
from ltictl.sandbox.signatures import TokenError
from ltictl.sandbox.tools import SandboxTool

_RESPONSE: Final = "LtiDeepLinkingResponse"
_UNTITLED: Final = "Untitled"


class ChosenLink(Struct, frozen=True):
    """One ``ltiResourceLink`` of the answer; empty ``url`` means the tool's launch address."""

    title: str
    url: str = ""
    custom: dict[str, str] = field(default_factory=dict)


async def chosen_links(
    lms: Lms, key_sets: KeySets, tool: SandboxTool, message: str
) -> list[ChosenLink]:
    """Return the links that a tool chose.

    Raises:
        ErrorPageError: the message is not the tool's, or not for this platform.
    """
    uri = tool.settings.jwks_uri
    try:
        claims = await key_sets.claims(tool.client_id, uri, message, lms.clock())
    except TokenError as error:
        raise ErrorPageError(f"The tool's answer was not accepted: {error}") from error
    problem = _problem(lms, tool, claims)
    if problem:
        raise ErrorPageError(f"The tool's answer was not accepted: {problem}")
    items = claims.get(f"{DEEP_LINKING_CLAIM}content_items", [])
    return [_link(each) for each in items if _is_link(each)] if isinstance(items, list) else []


def _problem(lms: Lms, tool: SandboxTool, claims: dict[str, Any]) -> str:
    audience = claims.get("aud")
    if lms.issuer not in (audience if isinstance(audience, list) else [audience]):
        return "aud is not this platform"
    wanted = {
        "iss": tool.client_id,
        CLAIM_DEPLOYMENT_ID: tool.deployment_id,
        CLAIM_MESSAGE_TYPE: _RESPONSE,
    }
    wrong = [name for name, value in wanted.items() if claims.get(name) != value]
    return f"{wrong[0]} is not what it should be" if wrong else ""


def _is_link(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "ltiResourceLink"


def _link(item: dict[str, Any]) -> ChosenLink:
    custom = item.get("custom")
    members = custom.items() if isinstance(custom, dict) else ()
    return ChosenLink(
        str(item.get("title") or _UNTITLED),
        str(item.get("url") or ""),
        {str(name): str(value) for name, value in members},
    )
