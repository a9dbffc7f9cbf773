"""Canvas, from its documentation and source (C-DOC, C-UPD, C-CTL, C-MOD, C-OA); not recorded."""

import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import jwt

from ltictl.lti.vocabulary import (
    NOTICE_MEANING,
    PLATFORM_CONFIGURATION,
    SCOPES,
    TOOL_CONFIGURATION,
)
from ltictl.model.record import replace
from ltictl.sandbox.canvas_request import kept_request
from ltictl.sandbox.configuration import CONFIGURATION_PATH, TOKEN_PATH, openid_configuration
from ltictl.sandbox.documented import (
    LIFETIME,
    Assertion,
    DocumentedLms,
    Json,
    Ticket,
    ToolRequest,
    kept_settings,
    object_in,
)
from ltictl.sandbox.family import PlayedFamily
from ltictl.sandbox.initiation import tool_address
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import JsonRefusalError, RefusalError
from ltictl.sandbox.tools import SandboxTool, ToolSettings, ToolState

REGISTRATIONS_PATH = "/api/lti/registrations"
REAL_CONFIGURATION_PATH = "/api/lti/security/openid-configuration"
REAL_JWKS_PATH = "/api/lti/security/jwks"

_LTI = "https://canvas.instructure.com/lti/"
_FIRST_CLIENT = 170000000000000
_MOST_AGE = 300  # C-OA: an assertion may be five minutes old ...
_MOST_LEAD = 30  # ... and half a minute early


class CanvasLms(DocumentedLms):
    """One Canvas account."""

    leeway = _MOST_LEAD

    def __init__(
        self, issuer: str, family: PlayedFamily, *, site_name: str, clock: Callable[[], float]
    ) -> None:
        super().__init__(issuer, family, site_name=site_name, clock=clock)
        self._token_secret = secrets.token_urlsafe(32)
        self._pending: dict[str, Json] = {}
        self._uuids: dict[str, str] = {}
        self._unaddressed: set[str] = set()

    @property
    def configuration(self) -> Json:
        """See ``Lms.configuration``; the account has a name, and the audience is a bare host."""
        document = openid_configuration(self.issuer, self.family)
        document["registration_endpoint"] = self.issuer + REGISTRATIONS_PATH
        # A bare host, without a scheme (C-DOC).
        document["authorization_server"] = self.issuer.partition("//")[2]
        document[PLATFORM_CONFIGURATION] |= {
            f"{_LTI}account_name": self.site_name,
            f"{_LTI}account_lti_guid": f"{self.session_key}:canvas-lms",
            "notice_types_supported": list(NOTICE_MEANING),
        }
        return document

    def address(self, tool_url: str, ticket: Ticket) -> str:
        """Both parameters, and the token in the configuration's address as well (C-CTL)."""
        query = urlencode({"registration_token": ticket.secret})
        return tool_address(tool_url, f"{self.issuer}{CONFIGURATION_PATH}?{query}", ticket.secret)

    def tools_at(self, tool_url: str) -> tuple[SandboxTool, ...]:
        """Return the known apps of a host, for which an update can be started."""
        # C-UPD: an address that is pasted again leads to the app that is there.
        return Lms.tools_at(self, tool_url)

    def configuration_for(self, call: ToolRequest) -> Json:
        """Return the configuration for a request with the token in its address."""
        if self.valid(call.query.get("registration_token", "")) is None:
            raise _denied()
        return self.configuration

    def admit(self, call: ToolRequest) -> Ticket:
        """Find the ticket of the bearer token."""
        # C-CTL: the token is checked and not used up, so that it works twice.
        ticket = self.valid(call.bearer)
        if ticket is None:
            raise _denied()
        if ticket.secret in self._unaddressed:
            raise JsonRefusalError(401, {"errorMessage": "JWT did not include expected contents"})
        return ticket

    def judge(self, body: bytes, ticket: Ticket) -> Json:
        """Check the request; a refusal lists all errors at once (C-SCH, C-MOD)."""
        del ticket
        request = object_in(body) or {}
        return kept_request(request, self.family.scopes)

    def granted(self, request: Json) -> tuple[str, ...]:
        """Return the scopes of the tool."""
        # C-CTL: 'openid' is no scope of a service; the answer adds it again.
        return tuple(each for each in super().granted(request) if each != "openid")

    def record(self, ticket: Ticket, request: Json) -> tuple[SandboxTool, Json]:
        """Store a request, and return the tool and the answer."""
        if not ticket.updates:
            tool = self.keep_new(ticket, request)
            return tool, self.document(tool, ticket)
        # C-UPD: the change waits for an administrator, and the answer has the old values.
        tool = self.tool(ticket.updates)
        self._pending[tool.deployment_id] = request
        return tool, self.document(tool, ticket)

    def document(self, tool: SandboxTool, ticket: Ticket | None = None) -> Json:
        """Return the answer with a deployment id, ``openid`` and an address for changes (C-CTL)."""
        del ticket
        address = f"{self.issuer}{REGISTRATIONS_PATH}/{tool.client_id}"
        request = dict(tool.settings.request)
        configuration = {
            **request[TOOL_CONFIGURATION],
            f"{_LTI}registration_config_url": f"{address}/view",
        }
        return {
            "client_id": tool.client_id,
            "deployment_id": tool.deployment_id,
            **request,
            "scope": " ".join([*tool.settings.granted_scopes, "openid"]),
            "registration_client_uri": f"{address}/configuration",
            TOOL_CONFIGURATION: configuration,
        }

    def has_update(self, deployment_id: str) -> bool:
        """See ``Lms.has_update``."""
        return deployment_id in self._pending

    def activate(self, deployment_id: str) -> SandboxTool:
        """Enable the app, or accept the change that waits for it."""
        with self._lock:
            request = self._pending.pop(deployment_id, None)
            if request is None:
                return super().activate(deployment_id)
            settings = kept_settings(request, self.granted(request))
            tool = replace(self.tool(deployment_id), settings=settings)
            self._tools[deployment_id] = tool
            return tool

    def change_by_tool(self, call: ToolRequest, *, write: bool) -> Json:
        """Keep new values until they are accepted and answer the old ones (C-UPD).

        Raises:
            RefusalError: the token is not one for this registration.
        """
        scope = SCOPES["registration" if write else "registration.readonly"]
        tool = self.bearer_of(call, scope) or self.bearer_of(call, SCOPES["registration"])
        if tool is None or tool.client_id != call.key:
            raise _denied()
        if write:
            request = self.judge(call.body, Ticket("", tool.client_id, 0, "", frozenset(), 0))
            self._pending[tool.deployment_id] = request
        return self.document(tool)

    def before_verifying(self, key_sets: KeySets, tool: SandboxTool) -> None:
        """Forget the key set before an assertion is verified."""
        # C-OA: Canvas reads the set at each request, so that a rotation counts at once.
        key_sets.forget(tool.client_id)

    def bad_signature(self, words: str) -> RefusalError:
        """Return the error for an assertion that does not verify."""
        del words  # C-OA: one sentence, whichever check failed
        return self.token_refusal("invalid_client", "JWS signature invalid.")

    def judge_assertion(self, asserted: Assertion, call: ToolRequest) -> None:
        """Require all claims, and the times as numbers."""
        del call
        claims = asserted.claims
        # C-OA: each of them, although RFC 7523 leaves 'iat' and 'jti' open.
        for name in ("sub", "aud", "exp", "iat", "jti", "iss"):
            if not claims.get(name):
                raise self.token_refusal("invalid_client", f"the assertion lacks {name}")
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if self.issuer + TOKEN_PATH not in audience:
            raise self.token_refusal("invalid_client", "the 'aud' is invalid (audience)")
        if not isinstance(claims["iat"], int | float) or claims["iat"] < self.clock() - _MOST_AGE:
            raise self.token_refusal("invalid_client", "the iat is more than 300 s old")

    def token_refusal(self, error: str, description: str) -> RefusalError:
        """See ``DocumentedLms.token_refusal``."""
        status = 401 if error == "invalid_client" else 400
        return JsonRefusalError(status, {"error": error, "error_description": description})

    def new_secret(self, number: int) -> str:
        """Return a JWT that only Canvas can check, with the person and the account (C-CTL)."""
        uuid = f"{number}-{secrets.token_hex(8)}"
        claims = {
            "user_id": 1,
            "root_account_domain": self.issuer.partition("//")[2],
            "uuid": uuid,
            "exp": int(self.clock()) + LIFETIME,
        }
        secret = jwt.encode(claims, self._token_secret, "HS256")
        self._uuids[uuid] = secret
        return secret

    def issue(self, updates: str, registration_url: str) -> Ticket:
        """Return the ticket that a program with an administrator's token gets (C-CTL)."""
        ticket = self._issue(updates)
        if not registration_url:
            self._unaddressed.add(ticket.secret)
        return ticket

    def configuration_address(self, ticket: Ticket) -> str:
        """Return the address of the configuration for a ticket."""
        query = urlencode({"registration_token": ticket.secret})
        return f"{self.issuer}{REAL_CONFIGURATION_PATH}?{query}"

    def uuid_of(self, ticket: Ticket) -> str:
        """Return the name by which the registration of a ticket can be found."""
        return {secret: uuid for uuid, secret in self._uuids.items()}[ticket.secret]

    def client_of_uuid(self, uuid: str) -> str:
        """Return the client_id that a ticket leads to."""
        ticket = self._tickets.get(self._uuids.get(uuid, ""))
        return ticket.client_id if ticket else ""

    def set_state(self, client_id: str, state: ToolState) -> None:
        """Switch every deployment of an app."""
        with self._lock:
            for tool in self.tools():
                if tool.client_id == client_id:
                    self._tools[tool.deployment_id] = replace(tool, state=state)

    def keep_manual(self, settings: ToolSettings) -> SandboxTool:
        """Store a tool that an administrator entered, switched off."""
        with self._lock:
            client_id = self._issue("").client_id
            tool = SandboxTool(self.new_deployment_id(), client_id, ToolState.PENDING, settings)
            self._tools[tool.deployment_id] = tool
            return tool

    def keep_again(self, tool: SandboxTool) -> None:
        """Store a further deployment of a tool."""
        with self._lock:
            self._tools[tool.deployment_id] = tool

    def new_client_id(self, number: int) -> str:
        """Return a long number as client id."""
        return str(_FIRST_CLIENT + number)

    def new_deployment_id(self) -> str:
        """Return a number and a digest."""
        return f"{super().new_deployment_id()}:{secrets.token_hex(20)}"


def _denied() -> JsonRefusalError:
    return JsonRefusalError(401, {"errorMessage": "Invalid registration_token"})
