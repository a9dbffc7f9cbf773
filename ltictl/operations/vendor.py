"""The makers of the tool as the page names them, with the logo that was fetched beforehand."""

import asyncio
import re
import threading
import time
from typing import Final

from ltictl.callback.desk import Vendor
from ltictl.callback.logo import MOST_BYTES, logo_url
from ltictl.errors import InvalidValueError, LtictlError
from ltictl.model.integration import differs_by_integration
from ltictl.model.tool import Tool
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy

_DEADLINE: Final = 10.0
_AGAIN_AFTER: Final = 3600.0  # seconds: a service runs for months, and logos change
_SUCCESS: Final = 200
# One plain address: the page makes a mailto link of it, in which "?" and "&" begin headers (RFC
# 6068, 2).
_MAIL: Final = re.compile(r"[^\s@<>,;:?&\"()]+@[^\s@<>,;:?&\"()]+")


class Logos:
    """The logos that were fetched so far; the page never waits for one.

    Args:
        policy: what requests may do.
    """

    def __init__(self, policy: GuardPolicy) -> None:
        self._policy = policy
        self._urls: dict[str, str] = {}
        self._fetched_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def get(self, uri: str) -> str:
        """Return the ``data:`` URL of a logo, empty while there is none; fetch it where due."""
        if not uri:
            return ""
        with self._lock:
            now = time.monotonic()
            due = now - self._fetched_at.get(uri, -_AGAIN_AFTER) >= _AGAIN_AFTER
            if due:
                # Within the lock: visitors come in threads, and one fetch is for all of them.
                self._fetched_at[uri] = now
        if due:
            threading.Thread(target=self._fetch, args=(uri,), daemon=True).start()
        return self._urls.get(uri, "")

    def _fetch(self, uri: str) -> None:
        try:
            self._urls[uri] = asyncio.run(self._read(uri))
        except LtictlError:
            return  # the page stands without it, and 'doctor' says why

    async def _read(self, uri: str) -> str:
        async with GuardedClient(self._policy, most_bytes=MOST_BYTES + 1) as client:
            return await fetch_logo(client, uri)


async def fetch_logo(client: GuardedClient, uri: str) -> str:
    """Fetch a logo and return its ``data:`` URL.

    Raises:
        UnreachableError: no whole answer came.
        InvalidValueError: it is none that the page may show.
    """
    accept = "image/png, image/jpeg, image/webp"
    reply = await client.get(uri, deadline=_DEADLINE, accept=accept)
    if reply.status != _SUCCESS:
        raise InvalidValueError("tool.logo_uri", f"answers HTTP {reply.status}")
    return logo_url(reply.body)


def vendor_of(tool: Tool, logos: Logos) -> Vendor:
    """Return the makers as ``profile.toml`` describes them to the LMS."""
    return Vendor(
        logo=logos.get(_same_everywhere(tool.logo_uri)),
        site=_same_everywhere(tool.url),
        contact=next((each for each in tool.contacts if _MAIL.fullmatch(each)), ""),
        policy=_same_everywhere(tool.policy_uri),
        terms=_same_everywhere(tool.tos_uri),
    )


def _same_everywhere(uri: str) -> str:
    """Return the address, empty where it differs with the integration, which does not exist yet."""
    return "" if differs_by_integration(uri) else uri
