"""The log of a profile in a shared store: one document for each line, written without a look.

A line has a random name, and names the line that each of its documents carried. A changed document
carries the mark of its line: that proves the change, so the line of a change needs no second one,
and pins the line: one that was changed or taken out shows in the document or in a later line.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.log_proof import (
    FORMER,
    Proof,
    breaks_between,
    end_of,
    in_order,
)
from ltictl.store.document_text import Document
from ltictl.store.folder import ConflictError
from ltictl.store.layout import LOG, is_numbered, log_document
from ltictl.store.log.chain import Placed, chain_breaks
from ltictl.store.log.lines import (
    MARK,
    NAME,
    Line,
    LineKind,
    OpenEntry,
    decode_line,
    encode_line,
    line_name,
    lone_line,
    mark_of,
)

_TEXT = "line"
_FEW = 32  # documents that are read without a listing


class SharedLog:
    """The documents below ``log/``.

    Attributes:
        marks_documents: whether a changed document carries the mark of its line.

    Args:
        bucket: the store.
    """

    marks_documents = True

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._former = ""  # mark of this run's last line
        self._read: dict[str, Line | None] = {}
        self._proved: dict[str, Line] = {}
        self._returned: set[tuple[str, str]] = set()

    def write(
        self, kind: LineKind, entry: OpenEntry, at: str, body: dict[str, Any], *, durable: bool
    ) -> Line:
        """Write one line.

        Args:
            kind: the part of the entry.
            entry: the entry.
            at: the time.
            body: the changes, or the outcome.
            durable: of no effect here.

        Raises:
            LtictlError: it could not be written.
        """
        del durable
        # By name the lines are sorted nearly by time; 'c' sets them apart from the numbered ones of
        # older versions.
        name = f"c{time.time_ns() // 1000:016d}-{os.urandom(8).hex()}"
        body = {NAME: name, **({FORMER: self._former} if self._former else {}), **body}
        line = lone_line(kind, entry, at, body)
        self._create(f"{LOG}/{name}", line)
        # Each line names this run's line before: one that is taken out leaves a trace.
        self._former = mark_of(line)
        return line

    def edit(self, edit: Callable[[Line], Line | None]) -> None:
        """Replace lines, each by itself.

        Args:
            edit: pure function of a line; ``None`` leaves it as it is.

        Raises:
            LtictlError: the store cannot be read or written.
        """

        def edited(document: Document) -> Document | None:
            line = self._line(document)
            wanted = edit(line) if line else None
            return {_TEXT: encode_line(wanted).decode()} if wanted else None

        placed = [(place, line) for place, line in self.lines() if line]
        touched = {line.entry for _, line in placed if edit(line)}
        for place, line in placed:
            # An edited line, and a document that goes with it, prove nothing any more.
            if not place and line.entry in touched:
                with suppress(ConflictError):  # an earlier run was cut off behind it
                    self.copy(line)
        paths = [place or f"{LOG}/{line_name(line)}" for place, line in placed if edit(line)]
        failed = self._bucket.change_each(dict.fromkeys(paths, edited))
        self._read.clear()
        for error in failed.values():
            if isinstance(error, LtictlError):
                raise error

    def copy(self, line: Line) -> None:
        """Write a line of another log as it is.

        Raises:
            LtictlError: it could not be written.
        """
        self._create(log_document(line.seq) if line.seq else f"{LOG}/{line_name(line)}", line)

    def _create(self, path: str, line: Line) -> None:
        self._bucket.create(path, {_TEXT: encode_line(line).decode()})

    @staticmethod
    def still_open(entries: Sequence[OpenEntry]) -> tuple[OpenEntry, ...]:
        """Return the entries as they are: their reader has just looked at all lines."""
        return tuple(entries)

    def lines(self) -> Iterator[Placed]:
        """Yield each line with its place, oldest first; ``None`` for one that is damaged.

        An entry whose changes are proved ends with a line that has no place.

        Raises:
            LtictlError: the store cannot be read.
        """
        placed = self._read_again()
        lines = [line for _, line in placed if line]
        proved = self._ends_proved(lines)
        last = {line.entry: place for place, line in placed if line}
        for place, line in placed:
            yield place, line
            if line and line.entry in proved and last[line.entry] == place:
                yield "", proved[line.entry]

    def unread(self) -> Iterator[Line]:
        """Yield the readable lines that this method has not yielded before.

        Raises:
            LtictlError: the store cannot be read.
        """
        for place, line in self.lines():
            if line and (place, line.entry) not in self._returned:
                self._returned.add((place, line.entry))
                yield line

    def breaks(self, placed: Iterable[Placed]) -> Iterator[str]:
        """Yield one sentence for each line that was changed or taken out.

        Raises:
            LtictlError: the store cannot be read.
        """
        stored = [each for each in placed if each[0]]
        yield from chain_breaks(each for each in stored if is_numbered(each[0]))
        paths = {
            str(change["document"])
            for _, line in stored
            for change in (line.body.get("changes", ()) if line else ())
        }
        marks = {
            path: str(document.get(MARK, "")) for path, document in self._documents(paths).items()
        }
        yield from breaks_between(stored, marks, self._bucket.place)

    @staticmethod
    def open_entries(lines: Iterable[Line]) -> tuple[OpenEntry, ...]:
        """Return the entries that have no outcome."""
        found: dict[str, OpenEntry] = {}
        for line in lines:
            if line.kind is LineKind.BEGIN:
                found |= {each.entry: each for each in line.open if each.entry == line.entry}
            elif line.kind is LineKind.END:
                found.pop(line.entry, None)
        return tuple(found.values())

    def _read_again(self) -> list[Placed]:
        self._bucket.look_again(LOG)  # others write on
        paths = self._bucket.list(LOG)
        # Nothing but 'edit' changes a line, so that a run reads each once.
        fresh = [path for path in paths if path not in self._read]
        for path, document in self._bucket.read_many(fresh):
            self._read[path] = self._line(document)
        found = [(path, self._read[path]) for path in paths if path in self._read]
        numbered = [each for each in reversed(found) if is_numbered(each[0])]
        return [*numbered, *in_order([each for each in found if not is_numbered(each[0])])]

    def _ends_proved(self, lines: list[Line]) -> dict[str, Line]:
        """Return the ends of the entries whose changes are made, though no line says so."""
        pending = {each.entry for each in self.open_entries(lines)}
        lines_by_entry: dict[str, list[Line]] = {}
        for line in lines:
            if line.entry in pending and line.entry not in self._proved:
                lines_by_entry.setdefault(line.entry, []).append(line)
        proof = Proof(lines)
        proof.documents = self._documents(proof.unproved(lines_by_entry))
        for entry, parts in lines_by_entry.items():
            end = end_of(parts, proof)
            if end is not None:
                self._proved[entry] = end
        return {entry: end for entry, end in self._proved.items() if entry in pending}

    def _documents(self, paths: Iterable[str]) -> dict[str, Document]:
        """Return the documents as they now stand, without those that are gone or damaged."""
        kinds: dict[str, list[str]] = {}
        for path in sorted(paths):
            kinds.setdefault(path.partition("/")[0], []).append(path)
        found: dict[str, Document] = {}
        for kind, wanted in kinds.items():
            self._bucket.look_again(kind)
            if len(wanted) > _FEW:  # the read cache needs a listing
                self._bucket.list(kind)
            found |= {
                path: document
                for path, document in self._bucket.read_many(wanted)
                if not isinstance(document, UnreadableError)
            }
        return found

    @staticmethod
    def _line(document: Document | UnreadableError) -> Line | None:
        if isinstance(document, UnreadableError):
            return None
        return decode_line(str(document.get(_TEXT, "")))
