"""Connections that may be used again, each for one host name only.

The addresses that ``GuardedClient`` connects to are checked IP addresses, and a pool that knows
only those would let two names on one address share a connection whose certificate was checked for
one of them. So every host name has a pool of its own.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

_MOST_HOSTS = 64  # whose connections are kept while nobody uses them


@dataclass(slots=True)
class _Pool:
    transport: "httpx.AsyncHTTPTransport"
    users: int = 0


class Connections:
    """Pools by host name; of those that are out of use, the longest unused is closed first.

    Args:
        make: a new pool.
        most: how many are kept while out of use.
    """

    def __init__(
        self, make: "Callable[[], httpx.AsyncHTTPTransport]", most: int = _MOST_HOSTS
    ) -> None:
        self._make = make
        self._most = most
        self._pools: dict[str, _Pool] = {}

    @contextlib.asynccontextmanager
    async def to(self, host: str) -> "AsyncIterator[httpx.AsyncHTTPTransport]":
        """The pool of one host name, for one request and its answer."""
        pool = self._pools.pop(host, None) or _Pool(self._make())
        self._pools[host] = pool  # the last in order: used just now
        pool.users += 1
        try:
            yield pool.transport
        finally:
            pool.users -= 1
            await self._close_some()

    async def _close_some(self) -> None:
        surplus = len(self._pools) - self._most
        unused = [host for host, pool in self._pools.items() if not pool.users]
        for host in unused[: max(surplus, 0)]:
            await self._pools.pop(host).transport.aclose()

    async def aclose(self) -> None:
        """Close all of them."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.transport.aclose()
