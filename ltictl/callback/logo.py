"""A logo as the page may show it: checked bytes inside a ``data:`` URL, so that nobody is asked.

The checks read the head of a file alone. Pictures that move are refused: a person could not stop
them (WCAG 2.2, 2.2.2). SVG is refused since it is a document with styles and links, not a raster.
"""

import base64
import struct
from collections.abc import Callable
from typing import Final

from ltictl.errors import InvalidValueError

MOST_BYTES: Final = 128 * 1024
_MOST_PIXELS: Final = 2048  # of a side: a small file may unfold into gigabytes
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
# JPEG (T.81, table B.1): the markers of a frame header, which are SOF0 to SOF15 without DHT, JPG
# and DAC.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOVING: Final = 0x02  # of the flags in a VP8X chunk (RFC 9649, 2.7)

_Size = tuple[int, int]


def logo_url(body: bytes) -> str:
    """Return the ``data:`` URL of a logo.

    Raises:
        InvalidValueError: it is not a PNG, JPEG or WebP that the page may show.
    """
    if len(body) > MOST_BYTES:
        raise _refusal(f"is larger than {MOST_BYTES // 1024} KiB")
    # The bytes decide: a server's header may be wrong.
    kind, size_of = _reader(body)
    try:
        width, height = size_of(body)
    except (struct.error, IndexError):
        raise _refusal("is cut off") from None
    if not (0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS):
        raise _refusal(f"has {width} x {height} pixels; at most {_MOST_PIXELS} a side are shown")
    return f"data:{kind};base64,{base64.b64encode(body).decode('ascii')}"


def _refusal(problem: str) -> InvalidValueError:
    return InvalidValueError("tool.logo_uri", problem)


def _reader(body: bytes) -> tuple[str, Callable[[bytes], _Size]]:
    """Return the media type by the first bytes, without regard to the server's header."""
    if body.startswith(_PNG):
        return "image/png", _png_size
    if body.startswith(_JPEG):
        return "image/jpeg", _jpeg_size
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp", _webp_size
    raise _refusal("is not a PNG, JPEG or WebP picture")


def _png_size(body: bytes) -> _Size:
    """Width and height of the first chunk (PNG 3, 11.2.1); an animation has acTL before IDAT."""
    kind, width, height = struct.unpack_from(">4sII", body, len(_PNG) + 4)
    if kind != b"IHDR":
        raise _refusal("is not a whole PNG")
    at = len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", body, at)
        if kind == b"acTL":
            raise _refusal("moves")
        # The picture begins: an acTL behind it would not count.
        if kind == b"IDAT":
            return width, height
        at += 12 + length


def _jpeg_size(body: bytes) -> _Size:
    """Width and height of the frame header, which follows other segments (T.81, B.2.2)."""
    at = 2
    while True:
        start, marker, length = struct.unpack_from(">BBH", body, at)
        if start != 0xFF:  # noqa: PLR2004  every marker begins so
            raise _refusal("is not a whole JPEG")
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", body, at + 5)
            return width, height
        at += 2 + max(length, 2)


def _webp_size(body: bytes) -> _Size:
    """Width and height of the three kinds of WebP (RFC 9649, 2.5 to 2.7)."""
    kind = body[12:16]
    if kind == b"VP8X":
        if body[20] & _MOVING:
            raise _refusal("moves")
        return (
            1 + int.from_bytes(_exactly(body, 24, 3), "little"),
            1 + int.from_bytes(_exactly(body, 27, 3), "little"),
        )
    if kind == b"VP8L":
        packed = int.from_bytes(_exactly(body, 21, 4), "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise _refusal("is not a whole WebP")


def _exactly(body: bytes, at: int, count: int) -> bytes:
    found = body[at : at + count]
    if len(found) < count:
        raise IndexError
    return found
