"""Logins: an administrator's token for the interface of one LMS."""

from msgspec import Struct

from ltictl.model.moment import Moment
from ltictl.model.web_address import WebAddress


class Login(Struct, frozen=True):
    """A token that a person asked to keep.

    Attributes:
        organization: slug.
        base: the address below which the interface lies; the token goes nowhere else.
        family: slug of the LMS's family.
        secret: the token, or what is traded for one.
        kept_at: UTC.
        name: of its owner, as the LMS told.
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
        """The host that the token is bound to, with its port where that is not the usual one."""
        return WebAddress.parse(self.base).authority

    def __repr__(self) -> str:
        return f"Login({self.organization!r}, {self.base!r})"  # its secret stays out of errors
