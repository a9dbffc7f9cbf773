"""Blackboard, from Anthology's documentation (BB-REG, BB-KI); not recorded.

One Blackboard and the developer portal in one place: the vendor registers, the school approves.
"""

import uuid
from urllib.parse import urlencode

from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.sandbox.configuration import (
    CONFIGURATION_PATH,
    REGISTRATION_PATH,
    openid_configuration,
)
from ltictl.sandbox.documented import (
    DocumentedLms,
    Json,
    Ticket,
    ToolRequest,
    error_answer,
    object_in,
)
from ltictl.sandbox.initiation import tool_address
from ltictl.sandbox.refusals import PlainTextError
from ltictl.sandbox.tools import SandboxTool

_NEEDED = ("client_name", "initiate_login_uri", "jwks_uri", "redirect_uris")


class BlackboardLms(DocumentedLms):
    """One school's Blackboard."""

    def address(self, tool_url: str, ticket: Ticket) -> str:
        """Return the tool's address without a token (BB-KI)."""
        query = urlencode({"registration": ticket.secret})
        return tool_address(tool_url, f"{self.issuer}{CONFIGURATION_PATH}?{query}")

    def configuration_for(self, call: ToolRequest) -> Json:
        """Return the configuration; its registration endpoint carries the secret (BB-KI)."""
        secret = call.query.get("registration", "")
        if self.valid(secret) is None:
            raise PlainTextError(404, "")
        document = openid_configuration(self.issuer, self.family)
        query = urlencode({"registration": secret})
        document["registration_endpoint"] = f"{self.issuer}{REGISTRATION_PATH}?{query}"
        return document

    def admit(self, call: ToolRequest) -> Ticket:
        """Return the ticket whose secret the registration endpoint's address holds."""
        ticket = self.valid(call.query.get("registration", ""))
        if ticket is None:
            raise PlainTextError(401, "")
        return ticket

    def judge(self, body: bytes, ticket: Ticket) -> Json:
        """Return the request, if nothing is missing."""
        del ticket
        request = object_in(body) or {}
        missing = [name for name in _NEEDED if not request.get(name)]
        if missing or not isinstance(request.get(TOOL_CONFIGURATION), dict):
            raise error_answer("invalid_client_metadata", f"missing: {', '.join(missing)}")
        return request

    def document(self, tool: SandboxTool, ticket: Ticket) -> Json:
        """Return the request with the client_id; schools get deployment ids later (BB-REG)."""
        del ticket
        return dict(tool.settings.request) | {"client_id": tool.client_id}

    def new_deployment_id(self) -> str:
        """Return a GUID."""
        return str(uuid.uuid4())
