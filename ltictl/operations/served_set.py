"""Fetch and judge the tool's key set at one address, for every command that asks."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.served_keys import OwnKeys, ServedKeySet, judge_served
from ltictl.model.profile import KeyManager
from ltictl.model.signing_key import KeyState
from ltictl.operations.context import Context
from ltictl.operations.signing import own_keys_of
from ltictl.operations.unreachable_tool import way_out_to_tool

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.reply import Reply

_DEADLINE = 10.0
_MAX_AGE = re.compile(r"(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_SHOWN = 3


class ExpectedKeys(Struct, frozen=True):
    """The keys that the set has to hold.

    Attributes:
        own: by kid; ``None`` where the application holds its own.
        waiting: kids that do not sign yet, so that nothing breaks while they are missing.
    """

    own: OwnKeys | None
    waiting: frozenset[str] = frozenset()

    def needed(self, missing: Iterable[str]) -> list[str]:
        """Return the missing keys without which something is broken now."""
        return [kid for kid in missing if kid not in self.waiting]


def expected_keys(context: Context) -> ExpectedKeys:
    """Return the keys of the profile that LMSs have to get."""
    if context.profile.settings().keys.managed_by is KeyManager.EXTERNAL:
        return ExpectedKeys(None)
    keys = context.profile.signing_keys.all()
    # A next key signs nothing yet: an LMS that lacks it refuses no launch.
    waiting = frozenset(key.kid for key in keys if key.state is KeyState.NEXT)
    return ExpectedKeys(own_keys_of(keys), waiting)


class Served(Struct, frozen=True):
    """The key set at one address.

    Attributes:
        url: the address.
        found: the judged key set.
        max_age: lifetime of a copy (RFC 9111, 5.2.2), zero if the reply names none.
        unreached: the error where no reply came, else ``None``.
        reply: the raw reply.
    """

    url: str
    found: ServedKeySet
    max_age: timedelta = timedelta()
    unreached: LtictlError | None = None
    reply: "Reply | None" = None

    @property
    def problem(self) -> str:
        """Why there is no key set that an LMS could use; empty if there is one."""
        # First: a public private key outweighs every other fault of the set.
        if self.found.exposed:
            return f"{self.url} serves the private half of {', '.join(self.found.exposed)}"
        if self.found.problem:
            return f"{self.url} {self.found.problem}"
        return f"{self.url}: {'; '.join(self.found.spoiled)}" if self.found.spoiled else ""

    @property
    def fix(self) -> str:
        """The way to have the right key set served there."""
        if self.found.exposed:
            return take_back(self.found.exposed[0])
        if self.unreached is not None:
            return way_out_to_tool(self.unreached)
        return f"Serve the output of 'ltictl jwks' at {self.url}."

    def lacks(self, kid: str) -> str:
        """Return why ``kid`` is not published there, empty where it is."""
        if self.problem:
            return self.problem
        if kid in self.found.faults:
            return f"{self.url}: {self.found.faults[kid]}"
        return "" if kid in self.found.kids else f"{self.url} does not serve it yet"


def take_back(kid: str) -> str:
    """Return the remedy for a public private half."""
    return f"Take it offline now, then withdraw the key: ltictl rotate-keys --compromised {kid}"


def private_half_served(url: str, kids: tuple[str, ...]) -> LtictlError:
    """Return the error for a key set that shows a private half to everybody."""
    return LtictlError(
        "private_key_served",
        f"The private half of {', '.join(kids[:_SHOWN])} is public: {url} serves it.",
        why="The file that is served there holds the whole key. With it anybody can act as the "
        "tool at every LMS.",
        fix=take_back(kids[0]),
    )


async def fetch_key_set(
    client: "GuardedClient", url: str, own: OwnKeys | None, *, deadline: float = _DEADLINE
) -> Served:
    """Fetch a key set once, and judge it.

    Args:
        client: the guarded HTTP client.
        url: the address.
        own: the keys that it has to hold; ``None`` where the application holds its own.
        deadline: seconds.
    """
    try:
        reply = await client.get(url, deadline=deadline)
    except LtictlError as error:
        problem = f"cannot be read: {error.message.rstrip('.')}"
        return Served(url, ServedKeySet(problem), unreached=error)
    found = judge_served(reply.status, reply.body, own)
    return Served(url, found, max_age=_max_age(reply.headers), reply=reply)


def _max_age(headers: Mapping[str, str]) -> timedelta:
    found = _MAX_AGE.findall(headers.get("cache-control", ""))
    # The longest counts: a proxy keeps its copy for s-maxage, an LMS for max-age.
    return timedelta(seconds=max(map(int, found), default=0))
