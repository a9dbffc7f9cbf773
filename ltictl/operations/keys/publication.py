"""The published key set: its addresses, its keys, and the lifetime of copies."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import InvalidValueError, LtictlError
from ltictl.lti.served_keys import OwnKeys
from ltictl.model.duration import format_duration
from ltictl.model.few import few
from ltictl.model.integration import Integration, Status, differs_by_integration, filled
from ltictl.model.signing_key import KeyState
from ltictl.model.web_address import WebAddress, shown_safely
from ltictl.operations.context import Context
from ltictl.operations.keys.key_events import KeyBook
from ltictl.operations.served_set import Served, fetch_key_set, private_half_served
from ltictl.platforms.table import all_families
from ltictl.store.own_json import parse_own

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy

_MANY_AT_ONCE = 16
_SHOWN = 3


class Publication(Struct, frozen=True):
    """The published key set, as seen from this computer."""

    served: tuple[Served, ...]

    @property
    def max_age(self) -> timedelta:
        """The longest time for which a copy may be kept anywhere."""
        return max((each.max_age for each in self.served), default=timedelta())

    def lacks(self, kid: str) -> str:
        """Return why ``kid`` is not published everywhere, empty where it is."""
        return _joined(filter(None, (each.lacks(kid) for each in self.served)))

    def fix(self, kid: str) -> str:
        """Return the way to publish ``kid`` at every address."""
        return " ".join(dict.fromkeys(each.fix for each in self.served if each.lacks(kid)))

    def absent(self, kid: str) -> bool:
        """Return whether an address serves a key set without ``kid``."""
        return any(not each.found.problem and each.lacks(kid) for each in self.served)

    @property
    def exposure(self) -> LtictlError | None:
        """Return the error for an address that serves a private half, ``None`` for none."""
        for each in self.served:
            if each.found.exposed:
                return private_half_served(each.url, each.found.exposed)
        return None

    def still_serves(self, kid: str) -> str:
        """Return the addresses that serve ``kid``, or that could not be read."""
        return _joined(
            each.problem or f"{each.url} still serves it"
            for each in self.served
            if each.problem or kid in each.found.kids
        )


def _joined(parts: Iterable[str]) -> str:
    found = list(parts)
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


# An LMS keeps the address that it got at the registration, so every such address counts, not only
# the profile's.
def addresses(context: Context) -> dict[str, tuple[str, ...]]:
    """Return every address of the key set, with the ids of the integrations that know it.

    The profile's own address comes first, also if no LMS knows it. Disabled integrations do not
    count.
    """
    template = context.profile.settings().tool.jwks_uri
    listing = context.profile.integrations.all()
    # No launch or token of a disabled integration can break.
    integrations = [each for each in listing if each.status is not Status.DISABLED]
    found: dict[str, tuple[str, ...]] = {}
    if not differs_by_integration(template) or not integrations:
        found[filled(template, "rotate-keys")] = ()
    # An LMS keeps the address that it got, even if the profile names another one by now.
    for integration in integrations:
        url = known_address(integration) or filled(template, integration.id)
        found[url] = (*found.get(url, ()), integration.id)
    return found


def known_address(integration: Integration) -> str:
    """Return the ``jwks_uri`` that the LMS recorded at the registration, empty if unknown."""
    try:
        uri = parse_own(integration.answer or "{}").get("jwks_uri")
    except ValueError:
        # An answer that ltictl cannot read again says nothing about the address.
        return ""
    return uri if isinstance(uri, str) else ""


def look_and_note(
    context: Context, book: KeyBook, policy: "GuardPolicy"
) -> tuple[Publication, tuple[str, ...]]:
    """Fetch the published set, and record which waiting keys are in it.

    Returns:
        The published set, and warnings about it.
    """
    settings = context.profile.settings()
    known = addresses(context)
    context.progress("Looking at the published key set ...")
    publication = look(policy, known, book.own_keys())
    warnings = [each for url in known for each in address_warnings(url)]
    warnings += difference_warnings(settings.tool.jwks_uri, known)
    warnings += keeping_warnings(publication, settings.keys.publish_for)
    for key in book.all():
        if key.state is not KeyState.NEXT:
            continue
        lacks = publication.lacks(key.kid)
        if not lacks:
            book.change(key.kid, lambda each: each.seen(book.now, publication.max_age))
        # Only where an address answered: a set that could not be read proves nothing.
        elif publication.absent(key.kid):
            book.change(key.kid, lambda each: each.missed(book.now))
        if lacks:
            fix = f"{publication.fix(key.kid)} Until then {book.signer().kid} signs."
            warnings.append(f"{key.kid} does not sign yet: {lacks}. {fix}")
    return publication, tuple(warnings)


def look(policy: "GuardPolicy", urls: Iterable[str], own: OwnKeys) -> Publication:
    """Fetch the key set from each address, some at a time."""
    import asyncio  # with the client 60 ms, and most runs look at nothing

    from ltictl.net.client import GuardedClient

    async def all_of_them() -> list[Served]:
        # A profile may have an address for each integration, and one server behind all of them.
        turn = asyncio.Semaphore(_MANY_AT_ONCE)

        async def one(client: GuardedClient, url: str) -> Served:
            async with turn:
                return await fetch_key_set(client, url, own)

        async with GuardedClient(policy) as client:
            return await asyncio.gather(*(one(client, url) for url in urls))

    return Publication(tuple(asyncio.run(all_of_them())))


def address_warnings(url: str) -> tuple[str, ...]:
    """Return warnings about an address that not every LMS can reach."""
    try:
        address = WebAddress.parse(url)
    except InvalidValueError as error:
        return (f"The key set's address {error.problem}: {shown_safely(url)}",)
    found = []
    if address.is_loopback:
        found.append(f"{url} is on this computer: no LMS elsewhere can fetch the key set.")
    if not address.has_usual_port:
        strict = [each.subject for each in all_families() if each.default_ports_only]
        found.append(
            f"{url} is on port {address.port}: {', '.join(strict)} fetches key sets from ports 80 "
            "and 443 only, unless its administrators allow others."
        )
    return tuple(found)


def difference_warnings(template: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a warning for each address that LMSs know and the profile no longer names.

    Args:
        template: ``jwks_uri`` of the profile.
        known: the result of ``addresses``.
    """
    warnings = []
    for url, identifiers in known.items():
        other = [each for each in identifiers if filled(template, each) != url]
        if other:
            warnings.append(
                f"{few(other, _SHOWN)} fetch the key set from {url}, which is not "
                "the profile's jwks_uri: serve it there too, or update the registrations."
            )
    return tuple(warnings)


def keeping_warnings(publication: Publication, publish_for: timedelta) -> tuple[str, ...]:
    """Return a warning for each address whose copies outlive the wait of a new key."""
    return tuple(
        f"{each.url} lets LMSs keep the key set for {format_duration(each.max_age)} (max-age), "
        f"longer than keys.publish_for ({format_duration(publish_for)}): a new key waits as long."
        for each in publication.served
        if each.max_age > publish_for
    )
