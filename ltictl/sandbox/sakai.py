"""Sakai, from the source of its LTI13Servlet (SAK); not recorded."""

import secrets
from typing import Final
from urllib.parse import urlencode

from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.sandbox.configuration import (
    CONFIGURATION_PATH,
    REGISTRATION_PATH,
    TOKEN_PATH,
    openid_configuration,
)
from ltictl.sandbox.documented import Assertion, DocumentedLms, Json, Ticket, ToolRequest, object_in
from ltictl.sandbox.initiation import tool_address
from ltictl.sandbox.refusals import PlainTextError
from ltictl.sandbox.tools import SandboxTool

_BODY_LIMIT: Final = 300_000  # SAK: characters
_NEEDED: Final = ("clientId", "key", "issuerURL", "deploymentId")


class SakaiLms(DocumentedLms):
    """One Sakai."""

    def address(self, tool_url: str, ticket: Ticket) -> str:
        """Return the tool's address; the configuration's address names the tool."""
        query = urlencode(
            {
                "clientId": ticket.client_id,
                "key": ticket.number,
                "issuerURL": self.issuer,
                "deploymentId": "1",
            }
        )
        return tool_address(tool_url, f"{self.issuer}{CONFIGURATION_PATH}?{query}", ticket.secret)

    def configuration_for(self, call: ToolRequest) -> Json:
        """Return the configuration, for a request with all four parameters (SAK).

        Two endpoints end in the tool's key.
        """
        missing = [name for name in _NEEDED if not call.query.get(name)]
        if missing:
            raise PlainTextError(400, f"Missing required parameters: {', '.join(missing)}")
        document = openid_configuration(self.issuer, self.family)
        key = call.query["key"]
        document["registration_endpoint"] = f"{self.issuer}{REGISTRATION_PATH}/{key}"
        document["token_endpoint"] = f"{self.issuer}{TOKEN_PATH}/{key}"
        return document

    def admit(self, call: ToolRequest) -> Ticket:
        """Find the ticket of the stored string, once and within an hour (SAK).

        Everything else gets an empty 403.
        """
        ticket = self.valid(call.bearer)
        if ticket is None or str(ticket.number) != call.key:
            raise PlainTextError(403, "")
        return ticket

    def judge(self, body: bytes, ticket: Ticket) -> Json:
        """Check the few members that Sakai checks (SAK)."""
        del ticket
        if len(body) > _BODY_LIMIT:
            raise PlainTextError(400, "Body too long")
        request = object_in(body)
        if request is None:
            raise PlainTextError(400, "Could not parse the JSON of the registration")
        for name in ("initiate_login_uri", "jwks_uri", "client_name"):
            if not request.get(name):
                raise PlainTextError(400, f"Missing {name}")
        if not isinstance(request.get("redirect_uris"), list):
            raise PlainTextError(400, "redirect_uris must be an array")
        if not isinstance(request.get(TOOL_CONFIGURATION), dict):
            raise PlainTextError(400, f"Missing {TOOL_CONFIGURATION}")
        return request

    def document(self, tool: SandboxTool, ticket: Ticket) -> Json:
        """Return the answer: the whole request with two members added."""
        del ticket
        request = dict(tool.settings.request)
        configuration = request[TOOL_CONFIGURATION] | {"deployment_id": tool.deployment_id}
        return request | {"client_id": tool.client_id, TOOL_CONFIGURATION: configuration}

    def judge_assertion(self, asserted: Assertion, call: ToolRequest) -> None:
        """Check that the assertion belongs to the endpoint's tool."""
        tickets = {str(each.number): each.client_id for each in self._tickets.values()}
        if tickets.get(call.key) != asserted.tool.client_id:
            raise self.token_refusal("invalid_client", "the address belongs to another tool")

    def new_secret(self, number: int) -> str:
        """Return an opaque string with the time in it, not a JWT (SAK)."""
        return f"{secrets.token_hex(16)}:{int(self.clock())}:{number}"
