"""The key set as LMSs get it: at which addresses, what is in it, how long copies may be kept.

An LMS goes on using the address that it was told when the tool was registered, so each of these is
looked at, not only the one in the profile.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import InvalidValueError, LtictlError
from ltictl.model.duration import format_duration
from ltictl.model.integration import Integration, Status, filled
from ltictl.model.signing_key import KeyState
from ltictl.model.web_address import WebAddress
from ltictl.operations.context import Context
from ltictl.operations.keys.key_events import KeyBook

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.policy import GuardPolicy

_DEADLINE = 10.0
_MANY_AT_ONCE = 16
_OK = 200  # RFC 9110
_DEFAULT_PORTS = frozenset({80, 443})
_MAX_AGE = re.compile(r"(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_SHOWN = 3
_UNREAD = "See that the tool's web server can be reached from here, and serves 'ltictl jwks' there."
_FIXES = {  # by the error's code; the client's own words speak of LMSs
    "address_private": "If it really is in this network, repeat the command with --allow-private.",
    "address_not_https": "Serve it over https; a test on this computer needs --allow-private.",
}


class Served(Struct, frozen=True):
    """What one address answered.

    Attributes:
        url: the address.
        kids: kids of the keys there.
        problem: why there is no key set, empty if there is one.
        max_age: for how long a copy may be kept (RFC 9111, 5.2.2), zero where that is not said.
        fix: what to do about a key that is not there.
    """

    url: str
    kids: frozenset[str]
    problem: str = ""
    max_age: timedelta = timedelta()
    fix: str = "Serve the output of 'ltictl jwks' there."

    def lacks(self, kid: str) -> str:
        """Why ``kid`` cannot be had there; empty where it can."""
        return self.problem or ("" if kid in self.kids else f"{self.url} does not serve it yet")


class Publication(Struct, frozen=True):
    """The published key set, as far as it can be seen from here."""

    served: tuple[Served, ...]

    @property
    def max_age(self) -> timedelta:
        """The longest time for which a copy may be kept anywhere."""
        return max((each.max_age for each in self.served), default=timedelta())

    def lacks(self, kid: str) -> str:
        """Why ``kid`` cannot be said to be published; empty where every address serves it."""
        return _joined(filter(None, (each.lacks(kid) for each in self.served)))

    def fix(self, kid: str) -> str:
        """What to do so that ``kid`` can be said to be published."""
        return " ".join(dict.fromkeys(each.fix for each in self.served if each.lacks(kid)))

    def absent(self, kid: str) -> bool:
        """Whether an address answered with a key set that lacks ``kid``."""
        return any(not each.problem and kid not in each.kids for each in self.served)

    def still_serves(self, kid: str) -> str:
        """Addresses from which ``kid`` can still be had, or that could not be read."""
        return _joined(
            each.problem or f"{each.url} still serves it"
            for each in self.served
            if each.problem or kid in each.kids
        )


def _joined(parts: Iterable[str]) -> str:
    found = list(parts)
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def addresses(context: Context) -> dict[str, tuple[str, ...]]:
    """Every address of the key set, with the ids of the integrations that were told it.

    The profile's own address comes first, also where nobody was told it. Disabled integrations do
    not count: nothing of theirs can break.
    """
    template = context.profile.settings().tool.jwks_uri
    listing = context.profile.integrations.all()
    integrations = [each for each in listing if each.status is not Status.DISABLED]
    found: dict[str, tuple[str, ...]] = {}
    if "{integration" not in template or not integrations:
        found[filled(template, "rotate-keys")] = ()
    for integration in integrations:
        url = told_address(integration) or filled(template, integration.id)
        found[url] = (*found.get(url, ()), integration.id)
    return found


def told_address(integration: Integration) -> str:
    """The ``jwks_uri`` that the LMS wrote down when it registered the tool, empty if unknown."""
    try:
        answer = json.loads(integration.answer or "{}")
    except ValueError:
        return ""
    told = answer.get("jwks_uri") if isinstance(answer, dict) else None
    return told if isinstance(told, str) else ""


def look_and_note(
    context: Context, book: KeyBook, policy: "GuardPolicy"
) -> tuple[Publication, tuple[str, ...]]:
    """Look at the published set and write down which waiting keys are in it.

    Returns:
        What was seen, and what deserves a warning about it.
    """
    settings = context.profile.settings()
    told = addresses(context)
    context.progress("Looking at the published key set ...")
    publication = look(policy, told)
    warnings = [each for url in told for each in address_warnings(url)]
    warnings += difference_warnings(settings.tool.jwks_uri, told)
    warnings += keeping_warnings(publication, settings.keys.publish_for)
    for key in book.all():
        if key.state is not KeyState.NEXT:
            continue
        lacks = publication.lacks(key.kid)
        if not lacks:
            book.change(key.kid, lambda each: each.seen(book.now, publication.max_age))
        elif publication.absent(key.kid):
            book.change(key.kid, lambda each: each.missed(book.now))
        if lacks:
            fix = f"{publication.fix(key.kid)} Until then {book.signer().kid} signs."
            warnings.append(f"{key.kid} does not sign yet: {lacks}. {fix}")
    return publication, tuple(warnings)


def look(policy: "GuardPolicy", urls: Iterable[str]) -> Publication:
    """Fetch the key set from each address, some at a time."""
    import asyncio  # with the client 60 ms, and most runs look at nothing

    from ltictl.net.client import GuardedClient

    async def all_of_them() -> list[Served]:
        turn = asyncio.Semaphore(_MANY_AT_ONCE)

        async def one(client: GuardedClient, url: str) -> Served:
            async with turn:
                return await _fetched(client, url)

        async with GuardedClient(policy) as client:
            return await asyncio.gather(*(one(client, url) for url in urls))

    return Publication(tuple(asyncio.run(all_of_them())))


async def _fetched(client: "GuardedClient", url: str) -> Served:
    from ltictl.lti.strict_json import JsonError, parse_object

    try:
        reply = await client.get(url, deadline=_DEADLINE)
        keys = parse_object(reply.body).get("keys")
    except LtictlError as error:
        problem = f"{url} cannot be read: {error.message.rstrip('.')}"
        return Served(url, frozenset(), problem, fix=_FIXES.get(error.code, _UNREAD))
    except JsonError as error:
        return Served(url, frozenset(), f"{url} is no key set: {error}")
    if reply.status != _OK or not isinstance(keys, list):
        return Served(url, frozenset(), f"{url} is no key set (HTTP {reply.status})")
    kids = frozenset(str(each.get("kid")) for each in keys if isinstance(each, dict))
    return Served(url, kids, max_age=_max_age(reply.headers))


def _max_age(headers: Mapping[str, str]) -> timedelta:
    found = _MAX_AGE.findall(headers.get("cache-control", ""))
    return timedelta(seconds=max(map(int, found), default=0))


def address_warnings(url: str) -> tuple[str, ...]:
    """What an address says by itself about who will be able to reach it."""
    try:
        address = WebAddress.parse(url)
    except InvalidValueError as error:
        return (f"The key set's address {error.message}: {url}",)
    found = []
    if _is_here(address.host):
        found.append(f"{url} is on this computer: no LMS elsewhere can fetch the key set.")
    if address.port not in _DEFAULT_PORTS:
        found.append(
            f"{url} is on port {address.port}: Moodle fetches key sets from ports 80 and 443 "
            "only, unless its administrators allow others."  # recordings, 06 default-curl-security
        )
    return tuple(found)


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def difference_warnings(template: str, told: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A warning for every address that LMSs were told and that is no longer the profile's.

    Args:
        template: ``jwks_uri`` of the profile.
        told: as ``addresses`` gives it.
    """
    warnings = []
    for url, identifiers in told.items():
        other = [each for each in identifiers if filled(template, each) != url]
        if other:
            more = f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""
            warnings.append(
                f"{', '.join(other[:_SHOWN])}{more} fetch the key set from {url}, which is not "
                "the profile's jwks_uri: serve it there too, or update the registrations."
            )
    return tuple(warnings)


def keeping_warnings(publication: Publication, publish_for: timedelta) -> tuple[str, ...]:
    """A warning for every address whose copies may be kept longer than a new key is published."""
    return tuple(
        f"{each.url} lets LMSs keep the key set for {format_duration(each.max_age)} (max-age), "
        f"longer than keys.publish_for ({format_duration(publish_for)}): a new key waits as long."
        for each in publication.served
        if each.max_age > publish_for
    )
