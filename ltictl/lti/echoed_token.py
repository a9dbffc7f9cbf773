"""Remove a token from an LMS's answer, in every form in which LMSs repeat one; pure.

ltictl stores only the token's SHA-256 and its length, so it compares the digest of every piece of
that length.
"""

import base64
import functools
import hashlib
import hmac
import html
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import unquote_to_bytes

SHOWN = b"[token]"
_SHORTEST = 6  # a shorter token would blank out ordinary words
_ROUNDS = 3  # an LMS that puts an encoded page into JSON encodes twice
_TAG = "<[^<>]{1,200}>"
_SOFT_BREAK = "=\r?\n"  # RFC 2045, 6.7
_URL_SAFE = str.maketrans("+/", "-_")
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

    spans = {span for units in _readings(body, length) for span in _found(units, starts, length)}
    return _blanked(body, sorted(spans))


def _readings(body: bytes, length: int) -> Iterator[_Units]:
    """Yield the body as it is, then with each kind of escape decoded, then as it would be seen."""
    # One character for each byte, so that a position in the text is a position in the body.
    raw: _Units = [(char, at, at + 1) for at, char in enumerate(body.decode("latin-1"))]
    yield raw
    plain = raw
    for _ in range(_ROUNDS):
        before = len(plain)
        for decode in (_percent, _backslash, _html):
            plain = decode(plain)
            yield plain
        if len(plain) == before:
            break
    yield from _unpacked(plain, length)
    # Mail programs break long words, pages mark where they may break, UTF-16 puts a zero after each
    # character, and some characters take no room.
    unmarked = (_without(plain, _TAG), _without(plain, _SOFT_BREAK), _quoted_printable(plain))
    for each in (plain, *(units for units in unmarked if units is not plain)):
        yield [unit for unit in each if "!" <= unit[0] <= "~"]


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
    def one(found: str) -> str:
        digits = found.lower().removeprefix("%u")
        if digits != found.lower():
            return chr(int(digits, 16))
        return unquote_to_bytes(found).decode("latin-1")

    return _decoded(units, r"%(?:[0-9A-Fa-f]{2}|[uU][0-9A-Fa-f]{4})", one)


def _backslash(units: _Units) -> _Units:
    """Decode the escapes of JSON and of the languages in which LMSs are written."""
    simple = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

    def one(found: str) -> str:
        kind = found[1]
        if kind in "uUxX":
            return chr(min(int(found[2:].strip("{}"), 16), sys.maxunicode))
        return chr(int(found[1:], 8)) if kind.isdigit() else simple.get(kind, kind)

    numbers = r"[uU][0-9A-Fa-f]{4}|[uU]\{[0-9A-Fa-f]{1,6}\}|[xX][0-9A-Fa-f]{2}|[0-7]{3}"
    return _decoded(units, rf"""\\(?:{numbers}|["'\\/ntrbf])""", one)


def _html(units: _Units) -> _Units:
    references = r"#[0-9]{1,9};?|#[xX][0-9A-Fa-f]{1,8};?|[A-Za-z]{2,8};"
    return _decoded(units, rf"&(?:{references})", html.unescape)


def _without(units: _Units, pattern: str) -> _Units:
    return _decoded(units, pattern, lambda _: "")


def _quoted_printable(units: _Units) -> _Units:
    return _decoded(units, r"=[0-9A-Fa-f]{2}", lambda found: chr(int(found[1:], 16)))


def _unpacked(units: _Units, length: int) -> Iterator[_Units]:
    """Yield the long words as hexadecimal digits and as base64, begun at each of their characters.

    A word that is too short for a token of ``length`` characters is passed over.
    """
    text = "".join(char for char, _, _ in units)
    for pattern, group, size, decode in (
        (rf"[0-9A-Fa-f]{{{2 * length},}}", 2, 1, _from_hexadecimal),
        (rf"[A-Za-z0-9+/_-]{{{4 * length // 3},}}", 4, 3, _from_base64),
    ):
        words = [found.span() for found in re.finditer(pattern, text)]
        for shift in range(group if words else 0):
            found: _Units = []
            for start, end in words:
                for at, byte in enumerate(decode(text[start + shift : end])):
                    first = start + shift + at * group // size
                    last = start + shift + ((at + 1) * group - 1) // size
                    found.append((chr(byte), units[first][1], units[last][2]))
                found.append((" ", 0, 0))
            yield found


def _from_hexadecimal(word: str) -> bytes:
    return bytes.fromhex(word[: len(word) // 2 * 2])


def _from_base64(word: str) -> bytes:
    whole = word[: len(word) - (len(word) % 4 == 1)]
    return base64.urlsafe_b64decode(whole.translate(_URL_SAFE) + "=" * (-len(whole) % 4))


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
