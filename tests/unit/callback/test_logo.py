"""A logo is shown only where its bytes are a picture that stands still and stays small."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.callback.logo import MOST_BYTES, logo_url
from ltictl.errors import InvalidValueError
from tests.support.png import chunk, png


def jpeg(width: int = 2, height: int = 1) -> bytes:
    other = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + other + frame + b"\xff\xd9"


def webp(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(flags: int = 0, width: int = 2, height: int = 1) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def lossless(width: int = 2, height: int = 1) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14))


def lossy(width: int = 2, height: int = 1) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (png(), "png"),
        (png(2048, 2048), "png"),
        (jpeg(), "jpeg"),
        (extended(), "webp"),
        (lossless(), "webp"),
        (lossy(2048, 2048), "webp"),
    ],
)
def test_a_picture_is_shown_as_the_kind_that_its_bytes_are(body: bytes, kind: str) -> None:
    assert logo_url(body).startswith(f"data:image/{kind};base64,")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "is not a PNG, JPEG or WebP picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a PNG"),
        (b"GIF89a\x01\0\x01\0", "is not a PNG"),
        (b"\x89PNG\r\n\x1a\n<html>" + bytes(30), "is not a whole PNG"),
        (png()[:30], "is cut off"),
        (png(2049), "2049 x 1 pixels"),
        (png(0), "0 x 1 pixels"),
        (png(before=chunk(b"acTL", bytes(8))), "moves"),
        (png() + bytes(MOST_BYTES), "is larger than 128 KiB"),
        (b"\xff\xd8\xff\xe0\0\x10", "is cut off"),
        (b"\xff\xd8\xff\xe0\0\x02GARBAGE", "is not a whole JPEG"),
        (jpeg(height=3000), "2 x 3000 pixels"),
        (extended(2), "moves"),
        (extended(width=16384), "16384 x 1 pixels"),
        (webp(b"VP8X", b"\0\0\0\0\x01"), "is cut off"),
        (webp(b"JUNK", b"1234"), "is not a whole WebP"),
    ],
)
def test_any_other_file_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        logo_url(body)
    assert problem in caught.value.message


BEGINNINGS = st.sampled_from([png(), jpeg(), extended(), lossless(), lossy(), b""])


@given(BEGINNINGS, st.integers(0, 60), st.binary(max_size=60))
def test_any_bytes_are_a_picture_or_refused(body: bytes, kept: int, rest: bytes) -> None:
    with contextlib.suppress(InvalidValueError):
        assert logo_url(body[:kept] + rest).startswith("data:image/")
