"""The lines of the log, to and from bytes; pure.

Each line carries the digest of the former one, so that a line which was changed, taken out or put
in shows. The digest covers the body by the body's own digest, and that one its parts by theirs:
'org erase' can replace the parts that name a school without breaking the chain.
"""

import hashlib
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from ltictl.model.record import replace
from ltictl.store.log.parts import body_digest, digest_of, with_salts

# In a shared store a document carries the mark of the line that told its last change, and the
# next change names it.
MARK: Final = "log"
AFTER: Final = "after"  # the mark that each document carried, one for each change
NAME: Final = "line"  # of a line in a shared store, in its body


class LineKind(StrEnum):
    """The part of an entry that a line tells."""

    BEGIN = "begin"  # who, by what, and the first changes; durable before they are made
    MORE = "more"  # further changes; durable before they are made
    END = "end"  # the outcome


class OpenEntry(Struct, frozen=True):
    """An entry without an outcome, and the process that owes it."""

    entry: str
    host: str
    pid: int
    at: str


class Line(Struct, frozen=True):
    """One line.

    Attributes:
        kind: the part of the entry.
        seq: counts the lines from 1; 0 for a line without a number, in a shared store.
        entry: id of the entry.
        at: UTC, as RFC 3339.
        previous: digest of the former line, empty for the first.
        open: the entries without an outcome, as of this line.
        body_sha256: digest of the body.
        body: the changes, or the outcome.
    """

    kind: LineKind
    seq: int
    entry: str
    at: str
    previous: str
    open: tuple[OpenEntry, ...]
    body_sha256: str
    body: dict[str, Any]

    @property
    def is_intact(self) -> bool:
        """Whether the body is as it was written, but for the parts that it says are replaced."""
        # Earlier versions made one digest of the whole body.
        return self.body_sha256 in {body_digest(self.body), digest_of(self.body)}


class Tail(Struct, frozen=True):
    """The end of the log, onto which the next line is written."""

    seq: int = 0
    digest: str = ""
    open: tuple[OpenEntry, ...] = ()


def next_line(tail: Tail, kind: LineKind, entry: OpenEntry, at: str, body: dict[str, Any]) -> Line:
    """Return the line that follows ``tail``."""
    others = tuple(each for each in tail.open if each.entry != entry.entry)
    still_open = others if kind is LineKind.END else (*others, entry)
    salted = with_salts(body)
    return Line(
        kind, tail.seq + 1, entry.entry, at, tail.digest, still_open, body_digest(salted), salted
    )


def lone_line(kind: LineKind, entry: OpenEntry, at: str, body: dict[str, Any]) -> Line:
    """Return a line of a shared store, which follows no other one by number."""
    still_open = (entry,) if kind is LineKind.BEGIN else ()
    salted = with_salts(body)
    return Line(kind, 0, entry.entry, at, "", still_open, body_digest(salted), salted)


def line_behind(tail: Tail, line: Line) -> Line:
    """Return a line without a number as the one that follows ``tail``."""
    return replace(line, seq=tail.seq + 1, previous=tail.digest, open=tail.open)


def line_name(line: Line) -> str:
    """Return the name of a line, empty for one that has only a number."""
    return str(line.body.get(NAME, ""))


def line_key(line: Line) -> str:
    """Return what tells a line from the others of its log: its name, or its number."""
    return line_name(line) or str(line.seq)


def mark_of(line: Line) -> str:
    """Return the name of a line and its digest, which is the same wherever the line is copied."""
    name = line_name(line)
    return f"{name} {digest(replace(line, seq=0, previous='', open=()))}" if name else ""


def tail_after(line: Line) -> Tail:
    """Return the end of a log whose last line is ``line``."""
    return Tail(line.seq, digest(line), line.open)


def digest(line: Line) -> str:
    """Return the digest that the next line carries."""
    return hashlib.sha256(msgspec.json.encode(replace(line, body={}))).hexdigest()


def encode_line(line: Line) -> bytes:
    """Return one line, without its end."""
    return msgspec.json.encode(line)


def decode_line(data: bytes | str) -> Line | None:
    """Return the line that ``data`` is, ``None`` where it is none."""
    try:
        return msgspec.json.decode(data, type=Line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
