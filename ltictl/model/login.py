"""Logins: an administrator's token for the interface of one LMS."""

from msgspec import Struct

from ltictl.model.moment import Moment
from ltictl.model.web_address import WebAddress


class Login(Struct, frozen=True):
    """A token that a person asked to keep.

    Attributes:
        organization: slug.
        base: the address below which the interface lies; the token is sent nowhere else.
        family: slug of the LMS's family.
        secret: the token, or the credentials that are exchanged for one.
        kept_at: UTC.
        name: of its owner, as the LMS gave it.
    """

    organization: str
    base: str
    family: str
    secret: str
    kept_at: Moment
    name: str = ""

    def __post_init__(self) -> None:
        WebAddress.parse(self.base, "login.base")

    @property
    def host(self) -> str:
        """The host that the token is bound to, with its port unless it is the default one."""
        return WebAddress.parse(self.base).authority

    def __repr__(self) -> str:
        return f"Login({self.organization!r}, {self.base!r})"  # errors must not show the secret
