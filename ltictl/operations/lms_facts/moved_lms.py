"""Recognise an LMS that has moved to another address, and name the command that follows it."""

from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.configuration import IssuerMismatchError, judge_configuration
from ltictl.model.hint import hint
from ltictl.model.platform import Platform
from ltictl.model.web_address import WebAddress
from ltictl.net.failures import UnreachableError
from ltictl.operations.context import Context
from ltictl.operations.lms_facts.rewrite_addresses import moved_where_possible, rewritten

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_DEADLINE = 10.0


class NewAddress(Struct, frozen=True):
    """The address to which an LMS seems to have moved.

    Attributes:
        sign: how the former address shows it, one sentence without its full stop.
        issuer: the new issuer.
        configuration_url: where its configuration names that issuer; empty if it was not seen.
    """

    sign: str
    issuer: str
    configuration_url: str = ""

    def command(self, former: str) -> str:
        """Return the command that moves all integrations of the former issuer there."""
        read = ("--from-configuration", self.configuration_url) if self.configuration_url else ()
        return hint("move", "--from", former, "--issuer", self.issuer, *read)


async def find_new_address(
    client: "GuardedClient", stored: Platform, error: LtictlError
) -> NewAddress | None:
    """Return where an LMS has moved, ``None`` if its former address does not show that.

    Args:
        client: the guarded HTTP client.
        stored: the LMS at its former address.
        error: the error about the configuration there.
    """
    sign = error.message.rstrip(".")
    if isinstance(error, IssuerMismatchError):
        url = moved_where_possible(stored.configuration_url, stored.issuer, error.issuer)
        seen = await _read_issuer(client, url)
        return NewAddress(sign, error.issuer, url if seen == error.issuer else "")
    if isinstance(error, UnreachableError) and error.led_to:
        issuer, url = _behind(stored, error.led_to)
        seen = await _read_issuer(client, url)
        return NewAddress(sign, seen or issuer, url if seen else "")
    return None


def _behind(stored: Platform, led_to: str) -> tuple[str, str]:
    """Return the issuer and the configuration's address at the place where a redirect led."""
    there = WebAddress.parse(led_to)
    folder = WebAddress.parse(stored.issuer).path.rstrip("/")
    configuration = WebAddress.parse(stored.configuration_url)
    inside = configuration.path.removeprefix(folder)
    if inside and there.path.endswith(inside):  # the whole site redirects path by path
        return led_to.removesuffix(inside), led_to
    # A redirect to a login or a front page tells only the new host; the issuer's own folder is
    # assumed to stay.
    issuer = f"{there.origin}{folder}"
    return issuer, rewritten(stored.configuration_url, stored.issuer, issuer) or led_to


async def _read_issuer(client: "GuardedClient", url: str) -> str:
    """Return the issuer that a configuration names, empty if it cannot be used."""
    try:
        reply = await client.get(url, deadline=_DEADLINE)
        return judge_configuration(reply.body, reply.address).platform.issuer
    except LtictlError:
        return ""


def name_registered(context: Context, error: LtictlError, configuration_url: str) -> None:
    """Add the integrations at an LMS's old address, and their next command, to an error's fix.

    Args:
        context: the profile.
        error: the error about the moved LMS.
        configuration_url: the address that was opened.
    """
    issuer = _new_issuer(error)
    if not issuer:
        return
    former = WebAddress.parse(configuration_url, "openid_configuration").authority
    there = [each for each in context.profile.integrations.all() if each.platform.host == former]
    if there:
        # Launches from the new address name another issuer, so these integrations need it too.
        move = hint("move", "--from", there[0].platform.issuer, "--issuer", issuer)
        ids = ", ".join(each.id for each in there)
        error.fix += f" Registered under the former issuer: {ids}. To give them the new one: {move}"


def _new_issuer(error: LtictlError) -> str:
    """Return the new issuer as far as the error shows it, empty if the LMS has not moved."""
    if isinstance(error, IssuerMismatchError):
        return error.shown
    if isinstance(error, UnreachableError) and error.led_to:
        return WebAddress.parse(error.led_to).origin
    return ""
