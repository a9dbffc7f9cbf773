"""Pseudonymise what the log tells of one organization, in an entry that says which lines.

The entry is durable before a line changes. It has the digest of each line as it will be, so that
the check of the log accepts these lines and no others, and a run that was cut off can go on.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from ltictl.model.author import Author
from ltictl.model.record import replace
from ltictl.store.log.lines import Line, LineKind, line_key
from ltictl.store.log.parts import Body, digest_of, replaced_keys, table_in
from ltictl.store.log.pseudonyms import ERASURE, Traces, is_pseudonymous, pseudonymised
from ltictl.store.log.recorder import Recorder
from ltictl.store.profile import Profile

_ACTION: Final = "erase"
_SHOWN: Final = ("user", "host", "name", "job")


class Erasure(Struct, frozen=True):
    """One erasure, as its entry tells it.

    Attributes:
        alias: the pseudonym.
        key: of the line that tells it; see ``lines.line_key``.
        seq: its number.
        at: UTC, as RFC 3339.
        author: who ran it.
        bodies: key of a line -> digest of its body after the erasure.
    """

    alias: str
    key: str
    seq: int
    at: str
    author: str
    bodies: Mapping[str, str]

    def covers(self, line: Line, body: Body) -> bool:
        """Return whether it says that a line has this body."""
        # Lines without a number have no order that a forger could not claim.
        earlier = line.seq < self.seq or (not line.seq and line_key(line) != self.key)
        return earlier and self.bodies.get(line_key(line)) == digest_of(body)


def erasures_in(lines: Iterable[Line]) -> list[Erasure]:
    """Return the erasures that intact lines tell of."""
    found = []
    for line in lines:
        statement = table_in(line.body, ERASURE)
        # An entry whose own parts were replaced vouches for nothing.
        if (
            line.kind is LineKind.BEGIN
            and statement
            and line.is_intact
            and not replaced_keys(line.body)
        ):
            author = Author(**{name: str(line.body["author"].get(name, "")) for name in _SHOWN})
            bodies = {
                str(name): str(value) for name, value in table_in(statement, "bodies").items()
            }
            found.append(
                Erasure(
                    str(statement.get("as")),
                    line_key(line),
                    line.seq,
                    line.at,
                    author.in_words,
                    bodies,
                )
            )
    return found


def is_covered(line: Line, erasures: Iterable[Erasure]) -> bool:
    """Return whether erasures account for all that is replaced in a line, and it says no more."""
    known = [each for each in erasures if line_key(line) in each.bodies]
    return any(each.covers(line, line.body) for each in known) and all(
        any(is_pseudonymous(line.body, frozenset({key}), each.alias) for each in known)
        for key in replaced_keys(line.body)
    )


def traced_lines(profile: Profile, traces: Traces) -> int:
    """Return how many lines tell of an organization.

    Raises:
        LtictlError: the log cannot be read.
    """
    lines = (line for _, line in profile.log.lines() if line)
    # Any pseudonym will do, since the lines are counted and not written.
    return sum(pseudonymised(line.body, traces, "x") is not None for line in lines)


@contextmanager
def erasing(profile: Profile, traces: Traces) -> Iterator[str]:
    """Pseudonymise the lines about an organization; the block erases its documents.

    Yields:
        The pseudonym.

    Raises:
        LtictlError: the log could not be read or written.
    """
    lines = [line for _, line in profile.log.lines() if line]
    earlier = erasures_in(lines)
    # The pseudonym of a run that was cut off: a second one would leave the school two names.
    alias = _earlier_alias(lines, earlier, traces) or f"erased-{os.urandom(4).hex()}"
    bodies = {
        line_key(line): digest_of(body)
        for line in lines
        if (body := pseudonymised(line.body, traces, alias)) is not None
    }
    # A recorder of its own, since the command line of this run names the organization.
    recorder = Recorder(profile.log, profile.documents, _nameless(profile.author, alias))
    with recorder.entry(_ACTION) as entry:
        # Durable before a line changes: the check of the log accepts these digests and no others.
        entry.opening[ERASURE] = {"as": alias, "bodies": bodies}
        removal = {"document": f"organizations/{alias}", "what": "removed", "organization": alias}
        entry.tell([{**removal, "members": {}}])
        profile.log.edit(lambda line: _erased(line, traces, alias, bodies))
        yield alias


def _earlier_alias(lines: Iterable[Line], earlier: Iterable[Erasure], traces: Traces) -> str:
    """Return the pseudonym of an erasure that was cut off, empty for none."""
    aliases = {each.alias: each for each in earlier}
    for line in lines:
        for alias, erasure in aliases.items():
            body = pseudonymised(line.body, traces, alias)
            if body is not None and erasure.covers(line, body):
                return alias
    return ""


def _erased(line: Line, traces: Traces, alias: str, bodies: Mapping[str, str]) -> Line | None:
    body = pseudonymised(line.body, traces, alias)
    # Another run may have changed the line since; then the next run does it.
    if body is None or bodies.get(line_key(line)) != digest_of(body):
        return None
    return replace(line, body=body)


def _nameless(author: Callable[[], Author], alias: str) -> Callable[[], Author]:
    return lambda: replace(author(), command=f"ltictl org erase {alias}")
