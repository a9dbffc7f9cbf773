"""Connections that may be used again, each for one host name only.

The addresses that ``GuardedClient`` connects to are checked IP addresses, and a pool that knows
only those would let two names on one address share a connection whose certificate was checked for
one of them. So a transport serves one host name, and one request at a time: httpcore looks at every
connection of a pool twice for each request, which is quadratic where one LMS gets many.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

_MOST_UNUSED = 64


class Connections:
    """Transports by host name; of those that nobody uses, the longest unused is closed first.

    Args:
        make: a new transport.
        most: how many are kept while nobody uses them.
    """

    def __init__(
        self, make: "Callable[[], httpx.AsyncHTTPTransport]", most: int = _MOST_UNUSED
    ) -> None:
        self._make = make
        self._most = most
        self._unused: list[tuple[str, httpx.AsyncHTTPTransport]] = []  # the longest unused first

    @contextlib.asynccontextmanager
    async def to(self, host: str) -> "AsyncIterator[httpx.AsyncHTTPTransport]":
        """A transport to one host name, for one request and its answer."""
        transport = self._take(host) or self._make()
        try:
            yield transport
        finally:
            self._unused.append((host, transport))
            await self._close_surplus()

    def _take(self, host: str) -> "httpx.AsyncHTTPTransport | None":
        """Take the one that was used last: its connection is the least likely to be closed."""
        for position in range(len(self._unused) - 1, -1, -1):
            if self._unused[position][0] == host:
                return self._unused.pop(position)[1]
        return None

    async def _close_surplus(self) -> None:
        while len(self._unused) > self._most:
            _, transport = self._unused.pop(0)
            await transport.aclose()

    async def aclose(self) -> None:
        """Close all of them; a connection in use is closed when its request is over."""
        self._most = 0
        await self._close_surplus()
