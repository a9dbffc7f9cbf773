"""The tool: the product to register, as ``profile.toml`` describes it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import Struct, field

from ltictl.errors import InvalidValueError
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress

_PLACEHOLDER = re.compile(r"\{integration(?:_uuid)?\}")
_MAX_NAME = 255  # Moodle fails on a longer client_name (04 name-256).
DEFAULT_SCOPES = ("lineitem", "score", "result.readonly", "contextmembership.readonly")
DEFAULT_CLAIMS = ("sub", "given_name", "family_name", "email")


class Message(Struct, frozen=True):
    """A message that the tool handles (LTI Dynamic Registration 1.0, tool configuration).

    Attributes:
        type: ``LtiResourceLinkRequest``, ``LtiDeepLinkingRequest``, ...
        label: always sent, since Canvas wants one; empty means the tool's name.
        target_link_uri, icon_uri: URLs, empty to leave out.
        placements: names as the platform or the specification spells them.
        roles: full role URIs.
        custom_parameters: values are strings; ``$Name`` is substituted by the LMS.
        extensions: members that only one product family knows, as in the profile.
    """

    type: str
    label: str = ""
    target_link_uri: str = ""
    icon_uri: str = ""
    placements: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, object] = field(default_factory=dict)


class Overrides(Struct, frozen=True):
    """The settings that differ for one product family; ``None`` keeps the tool's own value.

    Attributes:
        name, description, scopes, claims, custom_parameters, messages: as in ``Tool``; each
            replaces the tool's own value.
        extensions: members that only this family knows, as in the profile.
    """

    name: str | None = None
    description: str | None = None
    scopes: tuple[str, ...] | None = None
    claims: tuple[str, ...] | None = None
    custom_parameters: Mapping[str, str] | None = None
    messages: tuple[Message, ...] | None = None
    extensions: Mapping[str, object] = field(default_factory=dict)


class Tool(Struct, frozen=True):
    """The product to register.

    In a URI ``{integration}`` stands for the integration's id and ``{integration_uuid}`` for its
    UUID (``ltictl.model.integration``).

    Attributes:
        name: client name shown in the LMS.
        url: home page; the other URIs are derived from it unless given.
        initiate_login_uri, target_link_uri, redirect_uris, jwks_uri: as registered.
        description, logo_uri, policy_uri, tos_uri: empty to leave out.
        contacts: e-mail addresses.
        scopes: short names or full URIs.
        claims: identity claims wanted.
        custom_parameters: tool level.
        messages: the messages that the tool handles.
        platforms: the settings that differ for a product family, by its slug.
        extensions: members that only one family knows; filled by ``at``.
    """

    name: str
    url: str
    initiate_login_uri: str
    target_link_uri: str
    redirect_uris: tuple[str, ...]
    jwks_uri: str
    description: str = ""
    logo_uri: str = ""
    policy_uri: str = ""
    tos_uri: str = ""
    contacts: tuple[str, ...] = ()
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    claims: tuple[str, ...] = DEFAULT_CLAIMS
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[Message, ...] = (Message("LtiResourceLinkRequest"),)
    platforms: Mapping[str, Overrides] = field(default_factory=dict)
    extensions: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > _MAX_NAME or not self.name.isprintable():
            raise InvalidValueError("tool.name", "must be 1 to 255 printable characters")
        if not self.redirect_uris:
            raise InvalidValueError("tool.redirect_uris", "must name at least one URL")
        for name, uri in self._uris():
            WebAddress.parse(_PLACEHOLDER.sub("x", uri), f"tool.{name}")

    def at(self, family: str) -> Self:
        """Return the tool with the settings for one product family.

        Args:
            family: the family's slug.
        """
        overrides = self.platforms.get(family)
        if overrides is None:
            return self
        members = {name: getattr(overrides, name) for name in overrides.__struct_fields__}
        overridden: dict[str, Any] = {
            name: value for name, value in members.items() if value is not None
        }
        return replace(self, **overridden)

    def _uris(self) -> Iterator[tuple[str, str]]:
        """Yield each URI of the tool with the name of its setting."""
        for name in ("url", "initiate_login_uri", "target_link_uri", "jwks_uri"):
            yield name, getattr(self, name)
        for uri in self.redirect_uris:
            yield "redirect_uris", uri
        for name in ("logo_uri", "policy_uri", "tos_uri"):
            if getattr(self, name):
                yield name, getattr(self, name)
