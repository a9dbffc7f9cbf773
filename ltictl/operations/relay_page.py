"""The relay page of a profile, and the key that blocks are sealed to."""

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.operations.context import Context
from ltictl.relay.page import render_relay_page
from ltictl.relay.sealed_block import new_private_key, relay_public_key

# No slug begins with an underscore, so no integration's secrets ever stand there.
_SECRET = "_relay"  # noqa: S105  a document's name
_MEMBER = "private_key"


class RelayPage(Struct, frozen=True):
    """A page, ready to be published.

    Attributes:
        html: the whole page.
        key: public key in it, base64url.
        address: the page's address for LMSs, empty if the profile names none.
    """

    html: str
    key: str
    address: str


def make_relay_page(context: Context) -> RelayPage:
    """Return the page for the present settings, with a key that is made once.

    Raises:
        UnreadableError: there is no profile, or it cannot be read.
        LtictlError: the key could not be written.
    """
    settings = context.profile.settings()
    if not context.profile.secrets.get(_SECRET, _MEMBER):
        # The first key stays: pages with it may be published already.
        context.profile.secrets.keep_first(_SECRET, {_MEMBER: new_private_key()})
    key = relay_public_key(context.profile.secrets.get(_SECRET, _MEMBER))
    html = render_relay_page(
        tool=settings.tool.name,
        contact=next(iter(settings.tool.contacts), ""),
        key=key,
        port=settings.callback.port,
    )
    return RelayPage(html, key, settings.callback.public_url)


def relay_private_key(context: Context) -> str:
    """Return the private key that opens sealed blocks, as PEM.

    Raises:
        LtictlError: this profile has made no relay page.
    """
    key = context.profile.secrets.get(_SECRET, _MEMBER)
    if not key:
        raise LtictlError(
            "no_relay_key",
            "This profile cannot open sealed blocks.",
            why="It has made no relay page yet, or was restored without its secrets.",
            fix="Use the profile that made the page; or publish a new one: ltictl relay-page.",
        )
    return key
