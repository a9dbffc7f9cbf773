"""The authorization endpoint of a launch: a request in, a form for the tool out.

The order of the checks and their words are those of the recordings (08-launch/authorization).
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ltictl.errors import NotFoundError
from ltictl.sandbox.id_token import claims
from ltictl.sandbox.launches import Launch, Launches
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import ErrorPageError
from ltictl.sandbox.tools import SandboxTool

_NEEDED: Final = ("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce")


class PostedForm(Struct, frozen=True):
    """A form that the browser posts by itself."""

    action: str
    fields: dict[str, str]


def authorize(
    lms: Lms, launches: Launches, request: Mapping[str, str], *, signed_in: bool = True
) -> PostedForm:
    """Answer an authorization request.

    Args:
        lms: the platform.
        launches: those that were begun.
        request: its parameters.
        signed_in: whether the browser has the platform's session.

    Raises:
        ErrorPageError: who asks is not known well enough to be posted anything.
    """
    launch, tool = _launch(lms, launches, request)
    redirect_uri = request["redirect_uri"]
    # Compared letter by letter (recordings, redirect-uri-trailing-slash and -with-query).
    if redirect_uri not in tool.settings.redirect_uris:
        raise ErrorPageError("Invalid request", lms.family.invalid_launch)
    state = {"state": request.get("state", "")}  # also where there was none (no-state)
    refused = _refusal(request, launch, tool, signed_in=signed_in)
    if refused:
        return PostedForm(redirect_uri, refused | state)
    token = lms.key.sign(claims(lms, tool, launch, request["nonce"]))
    return PostedForm(redirect_uri, {"id_token": token} | state)


def _launch(lms: Lms, launches: Launches, request: Mapping[str, str]) -> tuple[Launch, SandboxTool]:
    whole = all(request.get(name) for name in _NEEDED)
    kind = request.get("scope"), request.get("response_type")
    launch = launches.take(request.get("lti_message_hint", "")) if whole else None
    if launch is None or kind != ("openid", "id_token"):
        raise ErrorPageError("Invalid request", lms.family.invalid_launch)
    try:
        return launch, lms.tool(launch.deployment_id)
    except NotFoundError as error:  # deleted meanwhile
        raise ErrorPageError("Invalid request", lms.family.invalid_launch) from error


def _refusal(
    request: Mapping[str, str], launch: Launch, tool: SandboxTool, *, signed_in: bool
) -> dict[str, str]:
    if request["client_id"] != tool.client_id:
        return {"error": "unauthorized_client"}
    if not signed_in or request["login_hint"] != launch.person.id:
        return {"error": "access_denied"}
    if request.get("response_mode") != "form_post":
        return {"error": "invalid_request", "error_description": "Invalid response_mode"}
    if request.get("prompt", "none") != "none":
        return {"error": "invalid_request", "error_description": "Invalid prompt"}
    return {}
