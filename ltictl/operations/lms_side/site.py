"""One LMS's interface: its family, its address and the secrets for it."""

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration
from ltictl.model.platform import Platform
from ltictl.model.web_address import WebAddress
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.lms_side.tokens import Purse
from ltictl.platforms.administration import Interface, interface_of
from ltictl.platforms.family import Family
from ltictl.platforms.table import family_of


class Site(Struct, frozen=True):
    """One LMS's interface, and the token for it.

    Attributes:
        context: the profile.
        policy: the limits of the requests.
        family, interface: of the LMS.
        base: the beginning of the interface's addresses.
        purse: its secrets.
        organization: slug of the organization that the token is for, empty if not known.
    """

    context: Context
    policy: GuardPolicy
    family: Family
    interface: Interface
    base: str
    purse: Purse
    organization: str = ""

    @property
    def host(self) -> str:
        """The host that gets the token, with its port where that is not the usual one."""
        return WebAddress.parse(self.base).authority

    def __repr__(self) -> str:
        return f"Site({self.base!r})"


def normal_base(url: str, field: str = "--platform") -> str:
    """Return the address of an LMS in the form to which tokens are bound.

    Raises:
        InvalidValueError: the URL is not valid.
    """
    return WebAddress.parse(url, field).without_query.rstrip("/")


def own_base(integration: Integration) -> str:
    """Return the address of an integration's interface, empty if it has none or is unknown."""
    return integration.lms_url or base_of(integration.platform)


def base_of(platform: Platform) -> str:
    """Return the address of an LMS's interface, empty if it has none."""
    interface = interface_of(family_of(platform.family).slug)
    return normal_base(interface.base(platform), "platform") if interface else ""


def interface_for(family: Family) -> Interface:
    """Return the interface of a family.

    Raises:
        LtictlError: ``no_lms_interface``.
    """
    found = interface_of(family.slug)
    if found is None:
        raise LtictlError(
            "no_lms_interface",
            f"{family.subject} has no interface by which a program could do that.",
            why="Nothing of the kind is known of this LMS.",
            fix=f"Do it there by hand: {family.switch}.",
        )
    return found


def not_offered(site: Site, clicks: str) -> LtictlError:
    """Return the error for an operation that the interface lacks."""
    return LtictlError(
        "not_offered_by_lms",
        f"The interface of {site.family.title} does not offer that.",
        fix=f"Do it there by hand: {clicks}.",
    )
