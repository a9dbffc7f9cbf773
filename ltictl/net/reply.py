"""The reply of a platform, read up to a limit."""

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.model.web_address import WebAddress

if TYPE_CHECKING:
    import httpx

MAX_BODY = 256 * 1024


class Reply(Struct, frozen=True):
    """One reply of a platform.

    Attributes:
        status: HTTP status.
        headers: names in lower case.
        body: the body after content decoding, at most ``MAX_BODY`` bytes.
        address: the address that answered, after redirects.
        complete: whether the body was read to its end.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: WebAddress
    complete: bool = True

    def __repr__(self) -> str:
        return f"Reply({self.status} from {self.address.origin})"  # its body may hold secrets


async def read_body(response: "httpx.Response", most: int = MAX_BODY) -> tuple[bytes, bool]:
    """Return the decoded body, and whether its end came within ``most`` bytes."""
    import httpx

    raw = bytearray()
    try:
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > most:
                return bytes(raw[:most]), False
    except (httpx.TransportError, httpx.StreamError, OSError):
        return bytes(raw), False
    return _decoded(bytes(raw), response.headers.get("content-encoding", "identity"), most)


def _decoded(raw: bytes, encoding: str, most: int) -> tuple[bytes, bool]:
    if encoding.strip().lower() in {"", "identity"}:
        return raw, True
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return raw, False
    inflater = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib, told apart by their headers
    try:
        body = inflater.decompress(raw, most)
    except zlib.error:
        return raw, False
    return body, inflater.eof
