"""The registered tools, and the document that describes one to the tool itself.

Facts only: what a request must look like is decided in ``registration_request``.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any

from msgspec import Struct, field

from ltictl.lti.vocabulary import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION
from ltictl.sandbox.families import TOOL_SETTING

_READING_GRADES = (SCOPES["score"], SCOPES["result.readonly"], SCOPES["lineitem.readonly"])


class ToolState(StrEnum):
    """Whether an administrator has switched the tool on; services and tokens ignore it."""

    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"


class GradeSync(IntEnum):
    """The one setting that the platform keeps for all scopes of the grade services."""

    NONE = 0
    SCORES = 1
    COLUMNS = 2


class TokenScope(StrEnum):
    """The purpose of a registration token (recordings, facts 3 and 7)."""

    REGISTER = "reg"
    UPDATE = "reg-update"


class ToolSettings(Struct, frozen=True):
    """The settings that a registration request decides, as the platform stores them."""

    name: str
    description: str
    domain: str
    target_link_uri: str
    initiate_login_uri: str
    redirect_uris: tuple[str, ...]
    jwks_uri: str
    logo_uri: str
    custom_parameters: str
    deep_linking_uri: str | None
    grade_sync: GradeSync
    memberships: bool
    tool_settings: bool
    send_name: bool
    send_email: bool
    scopes: tuple[str, ...] | None = None  # of families that keep them one by one
    request: Mapping[str, Any] = field(default_factory=dict)  # of families that echo it

    @property
    def granted_scopes(self) -> tuple[str, ...]:
        """The scopes that the token endpoint grants (recordings, score-only-asks-all)."""
        if self.scopes is not None:
            return self.scopes
        grades = _READING_GRADES if self.grade_sync else ()
        columns = (SCOPES["lineitem"],) if self.grade_sync is GradeSync.COLUMNS else ()
        return grades + columns + self._other_scopes

    @property
    def reported_scopes(self) -> tuple[str, ...]:
        """The scopes of the registration answer: any grade access adds ``lineitem``."""
        grades = (*_READING_GRADES, SCOPES["lineitem"]) if self.grade_sync else ()
        return grades + self._other_scopes

    @property
    def _other_scopes(self) -> tuple[str, ...]:
        members = (SCOPES["contextmembership.readonly"],) if self.memberships else ()
        return members + ((TOOL_SETTING,) if self.tool_settings else ())


class SandboxTool(Struct, frozen=True):
    """One registered tool; the deployment id doubles as its number in the list."""

    deployment_id: str
    client_id: str
    state: ToolState
    settings: ToolSettings


class LedgerEntry(Struct, frozen=True):
    """One POST to the registration endpoint, and its outcome.

    ``subject`` and ``scope`` are those of the token, None if it did not verify; ``client_id`` is
    the one in the answer, None if the request was refused.
    """

    subject: str | None
    scope: str | None
    status: int
    client_id: str | None


def registration_document(tool: SandboxTool) -> dict[str, Any]:
    """Return the answer to a registration, in the recorded order (04-registration-request)."""
    settings = tool.settings
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": settings.jwks_uri,
        "initiate_login_uri": settings.initiate_login_uri,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(settings.redirect_uris),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": settings.name,
        "logo_uri": settings.logo_uri,
        "scope": " ".join(settings.reported_scopes),
        TOOL_CONFIGURATION: _tool_configuration(tool),
    }


def _tool_configuration(tool: SandboxTool) -> dict[str, Any]:
    settings = tool.settings
    document: dict[str, Any] = {
        "version": "1.3.0",
        "deployment_id": tool.deployment_id,
        "target_link_uri": settings.target_link_uri,
        "domain": settings.domain,
        "description": settings.description,
    }
    if settings.deep_linking_uri is not None:
        message = {"type": DEEP_LINKING, "target_link_uri": settings.deep_linking_uri}
        document["messages"] = [message]
    if settings.custom_parameters:
        document["custom_parameters"] = _echoed_parameters(settings.custom_parameters)
    document["claims"] = _claims(settings)
    return document


def _echoed_parameters(stored: str) -> dict[str, str | None] | list[str | None]:
    """Read back line by line and cut at the second ``=`` (recordings, custom-equals-newline)."""
    pieces = [line.split("=") for line in stored.split("\n")]
    echoed = {piece[0]: piece[1] if len(piece) > 1 else None for piece in pieces}
    # PHP encodes an array with the keys 0, 1, ... as a JSON list (recordings, custom-array).
    numbered = list(echoed) == [str(index) for index in range(len(echoed))]
    return list(echoed.values()) if numbered else echoed


def _claims(settings: ToolSettings) -> list[str]:
    names = ["name", "family_name", "given_name"] if settings.send_name else []
    return ["sub", "iss", *names, *(["email"] if settings.send_email else [])]
