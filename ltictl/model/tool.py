"""The tool: the product that is registered, as ``profile.toml`` describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ltictl.errors import InvalidValueError
from ltictl.model.web_address import WebAddress

_MAX_NAME = 255  # Moodle answers a longer client_name with a database error (04 name-256).
DEFAULT_SCOPES = ("lineitem", "score", "result.readonly", "contextmembership.readonly")
DEFAULT_CLAIMS = ("sub", "given_name", "family_name", "email")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the tool handles (LTI Dynamic Registration 1.0, tool configuration).

    Attributes:
        type: ``LtiResourceLinkRequest``, ``LtiDeepLinkingRequest``, ...
        label: always sent, since Canvas wants one; empty means the tool's name.
        target_link_uri, icon_uri: URLs, empty to leave out.
        placements: names as the platform or the specification spells them.
        roles: full role URIs.
        custom_parameters: values are strings; ``$Name`` is substituted by the LMS.
    """

    type: str
    label: str = ""
    target_link_uri: str = ""
    icon_uri: str = ""
    placements: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    custom_parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """The product being registered. ``{integration}`` in a URI stands for the integration's id.

    Attributes:
        name: client name shown in the LMS.
        url: home page; the other URIs are derived from it unless given.
        initiate_login_uri, target_link_uri, redirect_uris, jwks_uri: as registered.
        description, logo_uri, policy_uri, tos_uri: empty to leave out.
        contacts: e-mail addresses.
        scopes: short names or full URIs.
        claims: identity claims wanted.
        custom_parameters: tool level.
        messages: what the tool handles.
        platforms: overrides by product family, as they stand in the profile.
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
    platforms: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > _MAX_NAME or not self.name.isprintable():
            raise InvalidValueError("tool.name", "must be 1 to 255 printable characters")
        if not self.redirect_uris:
            raise InvalidValueError("tool.redirect_uris", "must name at least one URL")
        for uri in self._uris():
            WebAddress.parse(uri.replace("{integration}", "x"), "tool")

    def _uris(self) -> tuple[str, ...]:
        optional = (self.logo_uri, self.policy_uri, self.tos_uri)
        required = (self.url, self.initiate_login_uri, self.target_link_uri, self.jwks_uri)
        return (*required, *self.redirect_uris, *(uri for uri in optional if uri))
