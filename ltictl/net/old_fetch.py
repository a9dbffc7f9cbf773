"""Fetch a document as old LMSs do, with HTTP/1.0 and no User-Agent, and return its status."""

import asyncio
import re
from typing import TYPE_CHECKING

from ltictl.net.client import tls_context

if TYPE_CHECKING:
    from ltictl.model.web_address import WebAddress
    from ltictl.net.client import GuardedClient

_STATUS_LINE = re.compile(rb"HTTP/\d\.\d (\d{3})")
_LONGEST_LINE = 1024


async def old_status(client: "GuardedClient", url: str, *, deadline: float) -> int | None:
    """Return the status that a request with HTTP/1.0 gets; ``None`` where a proxy prevents it.

    Args:
        client: checks the address and finds the IP addresses behind it.
        url: an address that answered a request with HTTP/1.1 a moment ago.
        deadline: seconds.

    Raises:
        UnreachableError: the guard refused the address.
    """
    if client.policy.proxy:  # a proxy would send a request of its own
        return None
    try:
        async with asyncio.timeout(deadline):
            address, targets = await client.reach(url)
            return await _ask(address, targets[0], client.policy.ca_file)
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def _ask(address: "WebAddress", target: str, ca_file: str) -> int | None:
    secure = address.scheme == "https"
    reader, writer = await asyncio.open_connection(
        target,
        address.port,
        limit=_LONGEST_LINE,
        ssl=tls_context(ca_file) if secure else None,
        server_hostname=address.host if secure else None,
    )
    try:
        query = f"?{address.query}" if address.query else ""
        head = f"GET {address.path or '/'}{query} HTTP/1.0\r\nHost: {address.authority}\r\n\r\n"
        writer.write(head.encode("ascii"))
        await writer.drain()
        found = _STATUS_LINE.match(await reader.readline())
        return int(found[1]) if found else None
    finally:
        writer.close()
