"""The embedded LMS itself: its tools, its registration tokens and its record of what happened.

State in memory behind one lock, no HTTP; everything a test or a command may ask of the platform.
"""

import secrets
import string
import threading
from collections.abc import Callable
from typing import Any

from ltictl.errors import NotFoundError
from ltictl.model.record import replace
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.configuration import CONFIGURATION_PATH, openid_configuration
from ltictl.sandbox.family import PlayedFamily
from ltictl.sandbox.initiation import tool_address
from ltictl.sandbox.refusals import BareWordError, RefusalError, UncaughtError
from ltictl.sandbox.registration_request import domain_of, parse_registration
from ltictl.sandbox.signatures import PlatformKey, TokenError, verify
from ltictl.sandbox.tools import LedgerEntry, SandboxTool, TokenScope, ToolState

_CLIENT_ID_LENGTH = 15
_TOKEN_LIFETIME = 3600
_BEARER = "Bearer "


class Lms:
    """One platform, with its own key and an empty list of tools."""

    def __init__(
        self, issuer: str, family: PlayedFamily, *, site_name: str, clock: Callable[[], float]
    ) -> None:
        self.issuer = issuer
        self.family = family
        self.site_name = site_name
        self.clock = clock
        self.key = PlatformKey.generate()
        self.session_key = secrets.token_urlsafe(12)
        self._lock = threading.RLock()
        self._tools: dict[str, SandboxTool] = {}
        self._ledger: list[LedgerEntry] = []
        self._deployments = 0
        self.administration: Administrator | None = None

    @property
    def configuration(self) -> dict[str, Any]:
        """The OpenID configuration that tools fetch."""
        return openid_configuration(self.issuer, self.family)

    @property
    def ledger(self) -> list[LedgerEntry]:
        """Every POST to the registration endpoint so far, oldest first; a copy."""
        with self._lock:
            return list(self._ledger)

    def tools(self) -> tuple[SandboxTool, ...]:
        """Return the tools as they are now, oldest first."""
        with self._lock:
            return tuple(self._tools.values())

    def tool(self, deployment_id: str) -> SandboxTool:
        """Return one tool of the list.

        Raises:
            NotFoundError: there is none with this deployment id.
        """
        with self._lock:
            found = self._tools.get(deployment_id)
        if found is None:
            raise NotFoundError("no_such_tool", f"The embedded LMS has no tool {deployment_id}.")
        return found

    def client(self, client_id: str) -> SandboxTool | None:
        """Return the tool with this client id."""
        return next((tool for tool in self.tools() if tool.client_id == client_id), None)

    def tools_at(self, tool_url: str) -> tuple[SandboxTool, ...]:
        """Return the tools whose domain is the host and port of an address."""
        # Recordings, fact 7: the host alone decides, and no path.
        host = domain_of(tool_url)
        return tuple(tool for tool in self.tools() if tool.settings.domain == host)

    def activate(self, deployment_id: str) -> SandboxTool:
        """Switch a tool on, as the administrator does on the card."""
        with self._lock:
            tool = replace(self.tool(deployment_id), state=ToolState.ACTIVE)
            self._tools[deployment_id] = tool
            return tool

    def keep(self, tool: SandboxTool) -> SandboxTool:
        """Store a tool as an administrator changed it."""
        with self._lock:
            self._tools[tool.deployment_id] = tool
            return tool

    def delete(self, deployment_id: str) -> None:
        """Forget a tool."""
        # Recordings, fact 3: a token is used up by the tool that has its client id. Without that
        # tool it works again.
        with self._lock:
            del self._tools[self.tool(deployment_id).deployment_id]

    def has_update(self, deployment_id: str) -> bool:
        """Return whether a change of a tool waits for the administrator; here none does."""
        del deployment_id
        return False

    def start_registration(self, tool_url: str, options: frozenset[str] = frozenset()) -> str:
        """Return the address that registers a new tool, with a fresh token.

        Args:
            tool_url: what the administrator pasted.
            options: names of the check boxes that are ticked; this family has none.
        """
        del options
        alphabet = string.ascii_letters + string.digits
        client_id = "".join(secrets.choice(alphabet) for _ in range(_CLIENT_ID_LENGTH))
        return self._initiation(tool_url, client_id, TokenScope.REGISTER)

    def start_update(self, deployment_id: str, tool_url: str) -> str:
        """Return the address that updates an existing tool, with a token for it."""
        return self._initiation(tool_url, self.tool(deployment_id).deployment_id, TokenScope.UPDATE)

    def register(self, authorization: str, body: bytes) -> SandboxTool:
        """Register or update a tool, and record the outcome in the ledger.

        Raises:
            RefusalError: what the platform answers instead.
        """
        subject = scope = None
        # One lock from the check to the record: of two requests with one token, one must fail.
        with self._lock:
            try:
                subject, scope = self._token(authorization)
                tool = self._store(subject, self._target(subject, scope), body)
            except RefusalError as refusal:
                self._ledger.append(LedgerEntry(subject, scope, refusal.status, None))
                raise
            self._ledger.append(LedgerEntry(subject, scope, 200, tool.client_id))
            return tool

    def read(self, authorization: str) -> SandboxTool:
        """Return the registration that an update token stands for.

        Raises:
            RefusalError: what the platform answers instead.
        """
        with self._lock:
            tool = self._target(*self._token(authorization))
        if tool is None:
            raise UncaughtError(
                "config_to_registration(): Argument #2 ($typeid) must be of type int, null given"
            )
        return tool

    def _initiation(self, tool_url: str, subject: str, scope: TokenScope) -> str:
        now = int(self.clock())
        claims = {"sub": subject, "scope": scope.value, "iat": now, "exp": now + _TOKEN_LIFETIME}
        return tool_address(tool_url, self.issuer + CONFIGURATION_PATH, self.key.sign(claims))

    def _token(self, authorization: str) -> tuple[str, str]:
        """Return the subject and the scope of a registration token."""
        # Recordings, fact 3: 'Bearer' counts only with its capital B.
        token = authorization.removeprefix(_BEARER).strip()
        if not authorization.startswith(_BEARER) or not token:
            raise BareWordError(401, "missing_registration_token")
        try:
            claims = verify(token, self.key.verifying(), self.clock())
        except TokenError as error:
            raise UncaughtError(str(error)) from error
        return str(claims.get("sub", "")), str(claims.get("scope", ""))

    def _target(self, subject: str, scope: str) -> SandboxTool | None:
        """Return the tool to update, or None for a token that may register a new one."""
        if scope == TokenScope.UPDATE:
            if subject not in self._tools:
                raise BareWordError(400, "Unknown client")
            return self._tools[subject]
        if scope != TokenScope.REGISTER:
            raise BareWordError(403, "Incorrect scope")
        # A token is spent by the tool that it made, not by being shown.
        if self.client(subject):
            raise BareWordError(401, "token_already_used")
        return None

    def _store(self, subject: str, existing: SandboxTool | None, body: bytes) -> SandboxTool:
        settings = parse_registration(body)
        if existing:
            tool = replace(existing, settings=settings)
        else:
            self._deployments += 1
            tool = SandboxTool(str(self._deployments), subject, ToolState.PENDING, settings)
        self._tools[tool.deployment_id] = tool
        return tool
