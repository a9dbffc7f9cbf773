"""Remove a token from an LMS's answer, in every form in which LMSs repeat one; pure.

ltictl stores only the token's SHA-256 and its length, so it compares the digest of every piece of
that length.
"""

import functools
import hashlib
import hmac
import html
import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import unquote_to_bytes

SHOWN = b"[token]"
_SHORTEST = 6  # a shorter token would blank out ordinary words
_ROUNDS = 3  # an LMS that puts an encoded page into JSON encodes twice
# A unit of a decoded text: a character, and where its encoded form begins and ends in the body.
_Units = list[tuple[str, int, int]]


def without_token(body: bytes, sha256: str, length: int) -> bytes:
    """Return the body with ``[token]`` wherever it repeats the token, safe to show and to store.

    Args:
        body: the body as received.
        sha256: lower-case hex digest of the token, empty if there was none.
        length: of the token in characters; 0 if unknown, which makes the result empty.
    """
    if not sha256:
        return body
    if not length:
        return b""
    if length < _SHORTEST:
        return body
    digest = bytes.fromhex(sha256)

    @functools.cache  # most readings are equal, and each place costs a digest
    def starts(run: str) -> tuple[int, ...]:
        return tuple(
            at
            for at in range(len(run) - length + 1)
            if hmac.compare_digest(hashlib.sha256(run[at : at + length].encode()).digest(), digest)
        )

    spans = {span for units in _readings(body) for span in _found(units, starts, length)}
    return _blanked(body, sorted(spans))


def _readings(body: bytes) -> Iterator[_Units]:
    """Yield the body as it is, then with each kind of escape decoded, then without white space."""
    # One character for each byte, so that a position in the text is a position in the body.
    raw: _Units = [(char, at, at + 1) for at, char in enumerate(body.decode("latin-1"))]
    yield raw
    plain = raw
    for _ in range(_ROUNDS):
        before = len(plain)
        for decode in (_percent, _json, _html):
            plain = decode(plain)
            yield plain
        if len(plain) == before:
            break
    # Mail programs break long words, and UTF-16 puts a zero after each character.
    yield [unit for unit in plain if unit[0] > " "]


def _found(
    units: _Units, starts: Callable[[str], tuple[int, ...]], length: int
) -> Iterator[tuple[int, int]]:
    text = "".join(char for char, _, _ in units)
    for run in re.finditer(rf"[\x21-\x7e]{{{length},}}", text):
        for start in starts(run[0]):
            at = run.start() + start
            yield units[at][1], units[at + length - 1][2]


def _blanked(body: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    pieces, last = [], 0
    for start, end in spans:
        if start >= last:
            pieces += [body[last:start], SHOWN]
        last = max(last, end)
    return b"".join([*pieces, body[last:]])


def _percent(units: _Units) -> _Units:
    return _decoded(
        units, r"%[0-9A-Fa-f]{2}", lambda found: unquote_to_bytes(found).decode("latin-1")
    )


def _json(units: _Units) -> _Units:
    simple = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

    def one(found: str) -> str:
        code = found.removeprefix("\\u").removeprefix("\\U")
        return chr(int(code, 16)) if code != found else simple.get(found[1], found[1])

    return _decoded(units, r"""\\(?:[uU][0-9A-Fa-f]{4}|["'\\/ntrbf])""", one)


def _html(units: _Units) -> _Units:
    return _decoded(units, r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});", html.unescape)


def _decoded(units: _Units, pattern: str, one: Callable[[str], str]) -> _Units:
    text = "".join(char for char, _, _ in units)
    result: _Units = []
    last = 0
    for found in re.finditer(pattern, text):
        result += units[last : found.start()]
        start, end = units[found.start()][1], units[found.end() - 1][2]
        result += [(char, start, end) for char in one(found[0])]
        last = found.end()
    return result + units[last:] if last else units
