"""Reusable connections, each for one host name and for one request at a time.

``GuardedClient`` connects to checked IP addresses. A pool that knows only those would let two names
on one address share a connection whose certificate was checked for one of them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    import httpx

_MOST_UNUSED = 64
# Runs over many integrations are wide, and a school's LMS is often one small computer.
_AT_ONE_HOST = 4


class Connections:
    """Transports by host name; where too many are idle, the longest idle one is closed.

    Args:
        make: returns a new transport.
        most: how many idle transports are kept.
    """

    def __init__(
        self, make: "Callable[[], httpx.AsyncHTTPTransport]", most: int = _MOST_UNUSED
    ) -> None:
        self._make = make
        self._most = most
        self._unused: list[tuple[str, httpx.AsyncHTTPTransport]] = []  # the longest unused first

        # Weak, since a run over ten thousand hosts needs few of them at a time.
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def turn(self, host: str) -> asyncio.Semaphore:
        """Return what an exchange with a host waits for, so that a host gets four at a time."""
        turn = self._turns.get(host)
        if turn is None:
            turn = self._turns[host] = asyncio.Semaphore(_AT_ONE_HOST)
        return turn

    @contextlib.asynccontextmanager
    async def to(self, host: str) -> "AsyncIterator[httpx.AsyncHTTPTransport]":
        """Lend a transport to one host name, for one request and its answer."""
        # One request at a time: httpcore looks at every connection of a pool twice for each
        # request, which is quadratic where one LMS gets many.
        transport = self._take(host) or self._make()
        try:
            yield transport
        finally:
            self._unused.append((host, transport))
            await self._close_surplus()

    def _take(self, host: str) -> "httpx.AsyncHTTPTransport | None":
        """Take the transport that was used last."""
        # From the end: the connection used last is the least likely to be closed by now.
        for position in range(len(self._unused) - 1, -1, -1):
            if self._unused[position][0] == host:
                return self._unused.pop(position)[1]
        return None

    async def _close_surplus(self) -> None:
        while len(self._unused) > self._most:
            _, transport = self._unused.pop(0)
            await transport.aclose()

    async def aclose(self) -> None:
        """Close all transports; one in use is closed when its request is over."""
        self._most = 0
        await self._close_surplus()
