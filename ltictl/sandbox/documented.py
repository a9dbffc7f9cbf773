"""The common part of the families that were not recorded: tickets, tools, tokens.

A ticket is what an administrator's click issues; how it travels and who may show it is decided by
each family in a module of its own.
"""

import json
import secrets
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE, DEEP_LINKING, TOOL_CONFIGURATION
from ltictl.model.record import replace
from ltictl.sandbox.family import PlayedFamily
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import JsonRefusalError, RefusalError
from ltictl.sandbox.signatures import TokenError, unverified
from ltictl.sandbox.tools import (
    GradeSync,
    LedgerEntry,
    SandboxTool,
    TokenScope,
    ToolSettings,
    ToolState,
)

LIFETIME = 3600
Json = dict[str, Any]


class Ticket(Struct, frozen=True):
    """One registration that an administrator started.

    Attributes:
        secret: the token that a registration has to show.
        client_id: what the tool will get.
        number: of the registration, 1 for the first.
        updates: deployment id of the tool that is to be changed, empty for a new one.
        options: names of the check boxes that were ticked.
        expires: seconds since 1970.
    """

    secret: str
    client_id: str
    number: int
    updates: str
    options: frozenset[str]
    expires: float


class ToolRequest(Struct, frozen=True):
    """A request to one of the tool-facing endpoints.

    Attributes:
        authorization: the header, empty if there is none.
        query: parameters of the address.
        key: last part of the address, where endpoints belong to one tool.
        body: the raw body.
    """

    authorization: str
    query: Mapping[str, str]
    key: str
    body: bytes

    @property
    def bearer(self) -> str:
        """The token in the header."""
        scheme, _, token = self.authorization.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Assertion(Struct, frozen=True):
    """A client assertion that verified."""

    tool: SandboxTool
    claims: Json
    scopes: tuple[str, ...]


class DocumentedLms(Lms, ABC):
    """A platform of a family that was not recorded."""

    leeway = 60  # seconds that an assertion may be early

    def __init__(
        self, issuer: str, family: PlayedFamily, *, site_name: str, clock: Callable[[], float]
    ) -> None:
        super().__init__(issuer, family, site_name=site_name, clock=clock)
        self._tickets: dict[str, Ticket] = {}
        self._access: dict[str, tuple[str, tuple[str, ...]]] = {}

    def start_registration(self, tool_url: str, options: frozenset[str] = frozenset()) -> str:
        """See ``Lms.start_registration``."""
        return self.address(tool_url, self._issue("", options))

    def start_update(self, deployment_id: str, tool_url: str) -> str:
        """See ``Lms.start_update``."""
        return self.address(tool_url, self._issue(self.tool(deployment_id).deployment_id))

    def tools_at(self, tool_url: str) -> tuple[SandboxTool, ...]:
        """Return no tool."""
        del tool_url  # most families offer no update when an address is pasted again
        return ()

    def _issue(self, updates: str, options: frozenset[str] = frozenset()) -> Ticket:
        with self._lock:
            number = len(self._tickets) + 1
            known = self.tool(updates).client_id if updates else self.new_client_id(number)
            expires = self.clock() + LIFETIME
            ticket = Ticket(self.new_secret(number), known, number, updates, options, expires)
            self._tickets[ticket.secret] = ticket
            return ticket

    def valid(self, secret: str) -> Ticket | None:
        """Return the ticket of a secret, if it is still good."""
        ticket = self._tickets.get(secret)
        return ticket if ticket and self.clock() < ticket.expires else None

    def use_up(self, ticket: Ticket) -> None:
        """Make a ticket worthless."""
        self._tickets[ticket.secret] = replace(ticket, expires=0)

    def register_tool(self, call: ToolRequest) -> Json:
        """Register or change a tool, and record the outcome in the ledger.

        Raises:
            RefusalError: what the platform answers instead.
        """
        ticket = None
        with self._lock:
            try:
                ticket = self.admit(call)
                tool, document = self.record(ticket, self.judge(call.body, ticket))
            except RefusalError as refusal:
                self._note(ticket, refusal.status, None)
                raise
            self._note(ticket, 200, tool.client_id)
            return document

    def _note(self, ticket: Ticket | None, status: int, client_id: str | None) -> None:
        scope = None
        if ticket:
            scope = TokenScope.UPDATE.value if ticket.updates else TokenScope.REGISTER.value
        subject = ticket.client_id if ticket else None
        self._ledger.append(LedgerEntry(subject, scope, status, client_id))

    def record(self, ticket: Ticket, request: Json) -> tuple[SandboxTool, Json]:
        """Store a request, and return the tool and the answer."""
        tool = self.keep_new(ticket, request)
        self.use_up(ticket)
        return tool, self.document(tool, ticket)

    def keep_new(self, ticket: Ticket, request: Json) -> SandboxTool:
        """Store a new tool, switched off."""
        settings = kept_settings(request, self.granted(request))
        tool = SandboxTool(self.new_deployment_id(), ticket.client_id, ToolState.PENDING, settings)
        self._tools[tool.deployment_id] = tool
        return tool

    def granted(self, request: Json) -> tuple[str, ...]:
        """Return the scopes that the tool gets of those that it asked for."""
        return tuple(str(request.get("scope", "")).split())

    async def prepare(self, call: ToolRequest, key_sets: KeySets) -> None:
        """Do what a registration has to wait for; most families do nothing."""

    async def grant(self, call: ToolRequest, form: Mapping[str, str], key_sets: KeySets) -> Json:
        """Return an access token.

        Raises:
            RefusalError: what the platform answers instead.
        """
        asserted = await self._assertion(form, key_sets)
        self.judge_assertion(asserted, call)
        allowed = asserted.tool.settings.granted_scopes
        scopes = tuple(scope for scope in asserted.scopes if scope in allowed)
        if not scopes:
            raise self.token_refusal("invalid_scope", "none of the scopes is allowed")
        token = secrets.token_urlsafe(24)
        self._access[token] = asserted.tool.client_id, scopes
        described = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}
        return described | {"scope": " ".join(scopes)}

    async def _assertion(self, form: Mapping[str, str], key_sets: KeySets) -> Assertion:
        if form.get("grant_type") != "client_credentials":
            raise self.token_refusal("unsupported_grant_type", "client_credentials is wanted")
        if form.get("client_assertion_type") != CLIENT_ASSERTION_TYPE or not form.get("scope"):
            raise self.token_refusal("invalid_request", "a parameter is missing")
        text = form.get("client_assertion", "")
        try:
            _, claims = unverified(text)
            tool = self.client(str(claims.get("sub")))
            if tool is None or tool.state is ToolState.PENDING:
                raise self.token_refusal("invalid_client", "unknown client")
            self.before_verifying(key_sets, tool)
            now = self.clock() + self.leeway
            await key_sets.claims(tool.client_id, tool.settings.jwks_uri, text, now)
        except TokenError as error:
            raise self.bad_signature(str(error)) from error
        return Assertion(tool, claims, tuple(form["scope"].split()))

    def before_verifying(self, key_sets: KeySets, tool: SandboxTool) -> None:
        """Forget the tool's keys, where a family fetches them anew."""

    def bad_signature(self, words: str) -> RefusalError:
        """Return the refusal of an assertion that does not verify."""
        return self.token_refusal("invalid_client", words)

    def judge_assertion(self, asserted: Assertion, call: ToolRequest) -> None:
        """Check the claims of a verified assertion; most families check little."""

    def bearer_of(self, call: ToolRequest, scope: str) -> SandboxTool | None:
        """Return the tool whose access token carries a scope."""
        client_id, scopes = self._access.get(call.bearer, ("", ()))
        return self.client(client_id) if scope in scopes else None

    @abstractmethod
    def address(self, tool_url: str, ticket: Ticket) -> str:
        """Return the address that the browser is sent to."""

    @abstractmethod
    def configuration_for(self, call: ToolRequest) -> Json:
        """Return the OpenID configuration that a request gets."""

    @abstractmethod
    def admit(self, call: ToolRequest) -> Ticket:
        """Return the ticket of a registration request."""

    @abstractmethod
    def judge(self, body: bytes, ticket: Ticket) -> Json:
        """Return the request, if it is acceptable."""

    @abstractmethod
    def document(self, tool: SandboxTool, ticket: Ticket) -> Json:
        """Return the answer to a registration."""

    def token_refusal(self, error: str, description: str) -> RefusalError:
        """Return the token endpoint's refusal (RFC 6749, 5.2)."""
        return error_answer(error, description)

    def new_secret(self, number: int) -> str:
        """Return the secret of a ticket."""
        del number
        return secrets.token_urlsafe(24)

    def new_client_id(self, number: int) -> str:
        """Return the client_id of the tool that a new ticket leads to: in most families a UUID."""
        del number
        return str(uuid.uuid4())

    def new_deployment_id(self) -> str:
        """Return the deployment id of the next tool."""
        self._deployments += 1
        return str(self._deployments)


def error_answer(error: str, description: str) -> JsonRefusalError:
    """Return a refusal with HTTP 400, as RFC 6749 (5.2) and RFC 7591 (3.2.2) write it."""
    return JsonRefusalError(400, {"error": error, "error_description": description})


def kept_settings(request: Json, granted: tuple[str, ...]) -> ToolSettings:
    """Return the settings that the platform keeps of a request."""
    tool = request[TOOL_CONFIGURATION]
    claims = tool.get("claims") or []
    parameters = tool.get("custom_parameters") or {}
    # Sakai keeps the first, Canvas all; of one tool's messages only one can be launched here.
    linking = [each for each in tool.get("messages") or [] if each.get("type") == DEEP_LINKING]
    target = str(tool.get("target_link_uri", ""))
    return ToolSettings(
        name=str(request["client_name"]),
        description=str(tool.get("description", "")),
        domain=str(tool.get("domain", "")),
        target_link_uri=target,
        initiate_login_uri=str(request["initiate_login_uri"]),
        redirect_uris=tuple(str(each) for each in request["redirect_uris"]),
        jwks_uri=str(request["jwks_uri"]),
        logo_uri=str(request.get("logo_uri", "")),
        custom_parameters="\n".join(f"{name}={value}" for name, value in parameters.items()),
        deep_linking_uri=str(linking[0].get("target_link_uri") or target) if linking else None,
        grade_sync=GradeSync.NONE,
        memberships=False,
        tool_settings=False,
        send_name=not {"name", "given_name", "family_name"}.isdisjoint(claims),
        send_email="email" in claims,
        scopes=granted,
        request=request,
    )


def object_in(body: bytes) -> Json | None:
    """Return the JSON object that a body holds, ``None`` where it holds none."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
