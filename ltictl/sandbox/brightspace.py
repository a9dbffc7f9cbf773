"""Brightspace, from its documentation (D2L-DR, D2L-REG, D2L-KB, D2L-FAQ); not recorded."""

import secrets
import uuid
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.web_address import is_loopback_host
from ltictl.sandbox.configuration import (
    CONFIGURATION_PATH,
    REGISTRATION_PATH,
    openid_configuration,
)
from ltictl.sandbox.documented import (
    Assertion,
    DocumentedLms,
    Json,
    Ticket,
    ToolRequest,
    error_answer,
    object_in,
)
from ltictl.sandbox.initiation import tool_address
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.refusals import PlainTextError, RefusalError
from ltictl.sandbox.tools import SandboxTool

_WITH_DEPLOYMENT: Final = "deployment"
_ADDRESSES: Final = ("initiate_login_uri", "jwks_uri")


class BrightspaceLms(DocumentedLms):
    """One Brightspace organization."""

    @property
    def audience(self) -> str:
        """The "OAuth2 Audience" of the registration's details; it is not an endpoint."""
        return f"{self.issuer}/auth/audience"

    def address(self, tool_url: str, ticket: Ticket) -> str:
        """Return the tool's address, whose configuration's address holds the secret."""
        query = urlencode({"registrationToken": ticket.secret})
        return tool_address(tool_url, f"{self.issuer}{CONFIGURATION_PATH}?{query}")

    def configuration_for(self, call: ToolRequest) -> Json:
        """Return the configuration (D2L-DR).

        Its address works once, and the registration endpoint carries the next secret.
        """
        with self._lock:
            ticket = self.valid(call.query.get("registrationToken", ""))
            if ticket is None:
                raise PlainTextError(403, "The registration link has been used or has expired.")
            self.use_up(ticket)
            following = Ticket(
                secrets.token_urlsafe(24),
                ticket.client_id,
                ticket.number,
                ticket.updates,
                ticket.options,
                ticket.expires,
            )
            self._tickets[following.secret] = following
        document = openid_configuration(self.issuer, self.family)
        query = urlencode({"registrationToken": following.secret})
        document["registration_endpoint"] = f"{self.issuer}{REGISTRATION_PATH}?{query}"
        document["authorization_server"] = self.audience
        return document

    async def prepare(self, call: ToolRequest, key_sets: KeySets) -> None:
        """Fetch the key set, which must answer while the tool registers (D2L-DR)."""
        request = object_in(call.body) or {}
        address = request.get("jwks_uri")
        if isinstance(address, str) and not await key_sets.answers(address):
            raise error_answer(
                "invalid_client_metadata", f"The keyset at {address} does not answer."
            )

    def admit(self, call: ToolRequest) -> Ticket:
        """Find the ticket whose secret the registration endpoint's address holds."""
        ticket = self.valid(call.query.get("registrationToken", ""))
        if ticket is None:
            raise PlainTextError(403, "The registration link has been used or has expired.")
        return ticket

    def judge(self, body: bytes, ticket: Ticket) -> Json:
        """Check the request: all addresses use https, name and domain are unique (D2L-DR)."""
        del ticket
        request = object_in(body)
        if request is None or not isinstance(request.get(TOOL_CONFIGURATION), dict):
            raise error_answer("invalid_client_metadata", "The tool configuration is missing.")
        for name in ("client_name", "redirect_uris", *_ADDRESSES):
            if not request.get(name):
                raise error_answer("invalid_client_metadata", f"{name} is missing.")
        for address in [*(request[name] for name in _ADDRESSES), *request["redirect_uris"]]:
            if not _is_secure(address):
                raise error_answer("invalid_redirect_uri", f"{address} does not begin with https.")
        self._require_unique(request)
        return request

    def _require_unique(self, request: Json) -> None:
        domain = request[TOOL_CONFIGURATION].get("domain")
        for tool in self.tools():
            if tool.settings.name == request["client_name"]:
                raise error_answer(
                    "invalid_client_metadata", f"The name {tool.settings.name!r} is in use."
                )
            if tool.settings.domain == domain:
                raise error_answer("invalid_client_metadata", f"The domain {domain!r} is in use.")

    def document(self, tool: SandboxTool, ticket: Ticket) -> Json:
        """Return the answer, with a deployment id if the administrator ticked the deployment."""
        request = dict(tool.settings.request)
        configuration = dict(request[TOOL_CONFIGURATION])
        if _WITH_DEPLOYMENT in ticket.options:
            configuration["deployment_id"] = tool.deployment_id
        return request | {"client_id": tool.client_id, TOOL_CONFIGURATION: configuration}

    def bad_signature(self, words: str) -> RefusalError:
        """Return the refusal of a key id that is not published (D2L-FAQ)."""
        return self.token_refusal("invalid_client", "KeyId not found" if "kid" in words else words)

    def judge_assertion(self, asserted: Assertion, call: ToolRequest) -> None:
        """Check the audience, which is not the token endpoint's address (D2L-KB)."""
        del call
        if asserted.claims.get("aud") != self.audience:
            raise self.token_refusal("invalid_client", "The audience is not valid.")

    def new_deployment_id(self) -> str:
        """Return a GUID (D2L-DEP)."""
        return str(uuid.uuid4())


# A rehearsal on this computer has no certificate.
def _is_secure(address: Any) -> bool:
    """Return whether an address uses https or leads to this computer."""
    parts = urlsplit(str(address))
    return parts.scheme == "https" or is_loopback_host(parts.hostname or "")
