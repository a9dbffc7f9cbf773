"""The token endpoint: a client assertion in, an access token for the registered scopes out.

It looks at what the platform was seen to look at and at nothing more: neither the tool's state nor
``aud``, ``iss`` or ``jti`` (recordings, fact 6).
"""

import json
import secrets
from collections.abc import Mapping

from msgspec import Struct

from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import OAuthError
from ltictl.sandbox.signatures import TokenError, unverified
from ltictl.sandbox.tools import SandboxTool

_LIFETIME = 3600


class TokenRequest(Struct, frozen=True):
    """A complete token request that names its client."""

    assertion: str
    client_id: str
    scopes: tuple[str, ...]


def parse_token_request(form: Mapping[str, str]) -> TokenRequest:
    """Return the request in a form.

    Raises:
        OAuthError: something is missing, or another kind of grant is wanted.
    """
    names = ("client_assertion", "client_assertion_type", "grant_type", "scope")
    assertion, assertion_type, grant_type, scope = (form.get(name, "") for name in names)
    if not (assertion and assertion_type and grant_type and scope):
        raise OAuthError("invalid_request")
    # Before it is verified, since the client's key set is needed for that.
    client_id = _client_id(assertion)
    if grant_type != "client_credentials" or assertion_type != CLIENT_ASSERTION_TYPE:
        raise OAuthError("unsupported_grant_type")
    return TokenRequest(assertion, client_id, tuple(scope.split(" ")))


def _client_id(assertion: str) -> str:
    try:
        _, claims = unverified(assertion)
    except TokenError as error:
        raise OAuthError("invalid_request") from error
    if not claims.get("sub"):
        raise OAuthError("invalid_request")
    return str(claims["sub"])


async def grant_token(lms: Lms, key_sets: KeySets, form: Mapping[str, str]) -> str:
    """Return the body of a successful answer.

    Raises:
        RefusalError: what the platform answers instead.
    """
    request = parse_token_request(form)
    tool = lms.client(request.client_id)
    if tool is None:
        raise OAuthError("invalid_client")
    jwks_uri = tool.settings.jwks_uri
    try:
        await key_sets.claims(tool.client_id, jwks_uri, request.assertion, lms.clock())
    except TokenError as error:
        raise OAuthError(str(error)) from error
    return _body(_granted(request, tool))


def _granted(request: TokenRequest, tool: SandboxTool) -> list[str]:
    """Return the requested scopes that are registered, in the order of the request."""
    scopes = [scope for scope in request.scopes if scope in tool.settings.granted_scopes]
    if not scopes:
        raise OAuthError("invalid_scope")
    return scopes


def _body(scopes: list[str]) -> str:
    answer = {
        "access_token": secrets.token_hex(16),
        "token_type": "Bearer",
        "expires_in": _LIFETIME,
        "scope": " ".join(scopes),
    }
    # PHP's pretty printing, to the blank before the colon (recordings, 06-token-endpoint).
    return json.dumps(answer, indent=2, separators=(",", " : "))
