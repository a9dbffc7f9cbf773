"""Platforms: the facts that ltictl stores about one LMS."""

from enum import StrEnum
from functools import cached_property
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from ltictl.model.web_address import WebAddress

# The members that launches and tokens need, beside the issuer.
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Recognition(StrEnum):
    """The facts by which ltictl recognises the family of an LMS."""

    CODE = ""  # the default, which documents leave out
    ALIAS = "alias"
    SHAPE = "shape"


class Platform(Struct, frozen=True, dict=True):
    """An LMS as its configuration or a person described it.

    Attributes:
        issuer: stored byte for byte and compared exactly (LTI Core 1.3, 5.1.1; OIDC Core, 2).
        authorization_endpoint, jwks_uri: URLs.
        token_endpoint: URL, empty where the LMS has no services, such as WordPress.
        audience: ``aud`` of client assertions: ``authorization_server`` where the platform names
            one, else the token endpoint (LTI Dynamic Registration 1.0, platform configuration).
        registration_endpoint: URL without its query, which may hold a secret; empty if unknown.
        configuration_url: address of the configuration, without its query; empty if registered by
            hand.
        family: the code of its family; where none was recognised, ``product_family_code`` as given.
        version: version as given; empty if unknown.
        name: the school or account where the LMS says so; empty if unknown.
        guid: the account's identifier where the LMS says so; empty if unknown.
        announced: ``product_family_code`` as given, where another fact showed ``family``.
        recognised_by: the fact that showed ``family``.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    audience: str = ""
    registration_endpoint: str = ""
    configuration_url: str = ""
    family: str = ""
    version: str = ""
    name: str = ""
    guid: str = ""
    announced: str = ""
    recognised_by: Recognition = Recognition.CODE

    def __post_init__(self) -> None:
        if not self.audience:
            force_setattr(self, "audience", self.token_endpoint)
        # It refuses an issuer that is no URL. Kept for ``host``, whose lock in Python 3.11 takes as
        # long as this.
        self.__dict__["host"] = self._find_host()

    @property
    def has_services(self) -> bool:
        """Whether the LMS gives access tokens for services such as grades and members."""
        return bool(self.token_endpoint)

    @cached_property
    def host(self) -> str:
        """The issuer's host, with its port unless it is the default one."""
        return self._find_host()

    def _find_host(self) -> str:
        return WebAddress.parse(self.issuer, "platform.issuer").authority
