"""The log of a profile in a folder: lines of JSON in ``log/``, a new file for each megabyte.

A line is written, and where that matters synced, before its writer goes on. What a crash tore off
has no line end; the next writer cuts it, and nothing was changed on the strength of it.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.store.files import make_folder, write_all, write_whole
from ltictl.store.layout import first_line, log_file, log_files, log_folder
from ltictl.store.lock import locked, require_unmoved
from ltictl.store.log.chain import Placed, chain_breaks
from ltictl.store.log.lines import (
    Line,
    LineKind,
    OpenEntry,
    Tail,
    decode_line,
    encode_line,
    line_behind,
    next_line,
    tail_after,
)
from ltictl.store.reading import open_own, read_end, read_own, require_inside
from ltictl.store.refusals import cannot_read, cannot_write

_FULL_AT: Final = 1024**2
_END: Final = 64 * 1024  # bytes; a line has a few thousand

MakeLine = Callable[[Tail], Line]


class _Newest(Struct, frozen=True):
    """The newest file, where its last whole line ends, and the end of the log."""

    path: Path | None
    end: int
    tail: Tail


class FileLog:
    """The folder ``log/`` of one profile.

    Attributes:
        marks_documents: whether a changed document carries the mark of its line.

    Args:
        root: the profile.
        lock_timeout: seconds to wait for another writer.
        full_at: bytes from which on the next line begins a new file.
    """

    marks_documents = False

    def __init__(self, root: Path, lock_timeout: float, full_at: int = _FULL_AT) -> None:
        self._root = root
        self._folder = log_folder(root)
        self._lock_timeout = lock_timeout
        self._full_at = full_at
        self._returned = 0

    def write(
        self, kind: LineKind, entry: OpenEntry, at: str, body: dict[str, Any], *, durable: bool
    ) -> Line:
        """Write one line behind the last.

        Args:
            kind: the part of the entry.
            entry: the entry.
            at: the time.
            body: the changes, or the outcome.
            durable: whether it must outlast a power cut from now on.

        Raises:
            LtictlError: it could not be written; the log is as it was.
        """
        return self.append(lambda tail: next_line(tail, kind, entry, at, body), durable=durable)

    def copy(self, line: Line) -> None:
        """Write a line of another log: a numbered one as it is, another one behind the last.

        Raises:
            LtictlError: it could not be written.
        """
        self.append(lambda tail: line if line.seq else line_behind(tail, line), durable=True)

    def append(self, make: MakeLine, *, durable: bool) -> Line:
        """Write one line behind the last.

        Args:
            make: makes it of the end of the log; pure and quick.
            durable: whether it must outlast a power cut from now on.

        Raises:
            LtictlError: it could not be written; the log is as it was.
        """
        require_inside(self._root, self._folder)
        make_folder(self._folder)
        # A lock of its own, since a change writes its line while it holds the profile's. That lock
        # looks for the mark of a move in its own folder; the profile has it one folder above.
        with locked(self._folder, self._lock_timeout):
            require_unmoved(self._root)
            newest = self._newest()
            line = make(newest.tail)
            data = encode_line(line) + b"\n"
            if newest.path is None or newest.end >= self._full_at:
                # Whole, since the name of a new file has to be durable as well as its line.
                write_whole(log_file(self._root, line.seq), data)
                return line
            written = self._write(newest.path, newest.end, data)
        # Outside of the lock: one commit of the file system answers all who wait here at once.
        try:
            _close(written, durable=durable)
        except BaseException as error:
            self._take_back(newest.path, newest.end, newest.end + len(data))
            if isinstance(error, OSError):
                raise cannot_write(newest.path, error) from error
            raise
        return line

    def edit(self, edit: Callable[[Line], Line | None]) -> None:
        """Replace lines; each file is whole with all its edits, or as it was.

        Args:
            edit: pure function of a line; ``None`` leaves it as it is.

        Raises:
            LtictlError: a file could not be read or written.
        """
        with locked(self._folder, self._lock_timeout):
            require_unmoved(self._root)
            for path in self._files():
                data = _whole_part(read_own(self._root, path) or b"")
                lines = data.split(b"\n")
                edited = b"\n".join(_edited(each, edit) for each in lines)
                if edited != data:
                    write_whole(path, edited)

    def tail(self) -> Tail:
        """Return the end of the log.

        Raises:
            UnreadableError: it cannot be read.
        """
        return self._newest().tail

    def still_open(self, entries: Sequence[OpenEntry]) -> tuple[OpenEntry, ...]:
        """Return those of these entries that have no outcome now.

        Raises:
            UnreadableError: the end of the log cannot be read.
        """
        now = {each.entry for each in self.tail().open}
        return tuple(each for each in entries if each.entry in now)

    def lines(self, after: int = 0) -> Iterator[tuple[str, Line | None]]:
        """Yield each line with its place, oldest first; ``None`` for one that is damaged.

        Args:
            after: leave out the lines up to this number.

        Raises:
            UnreadableError: a file cannot be read.
        """
        files = self._files()
        for path, following in zip_longest(files, files[1:]):
            # A file ends where the next one begins: one that is read already is not opened.
            if following and first_line(following) <= after + 1:
                continue
            whole = _whole_part(read_own(self._root, path) or b"")
            for number, data in enumerate(whole.splitlines(), 1):
                line = decode_line(data)
                if line is None or line.seq > after:
                    yield f"{path.name}:{number}", line

    def unread(self) -> Iterator[Line]:
        """Yield the readable lines that this method has not yielded before.

        Raises:
            UnreadableError: a file cannot be read.
        """
        for _, line in self.lines(self._returned):
            if line:
                self._returned = line.seq
                yield line

    def breaks(self, placed: Iterable[Placed]) -> Iterator[str]:
        """Yield one sentence for each line that was changed or taken out."""
        return chain_breaks(placed)

    @staticmethod
    def open_entries(lines: Sequence[Line]) -> tuple[OpenEntry, ...]:
        """Return the entries that have no outcome."""
        return lines[-1].open if lines else ()

    def _write(self, path: Path, end: int, data: bytes) -> int:
        """Write behind ``end``, and return the open descriptor."""
        try:
            descriptor = open_own(self._root, path, os.O_WRONLY)
            try:
                _write_at(descriptor, end, data)
            except BaseException:
                os.close(descriptor)
                raise
        except OSError as error:
            raise cannot_write(path, error) from error
        return descriptor

    def _take_back(self, path: Path, begin: int, end: int) -> None:
        """Cut off the line from ``begin`` to ``end``, since its writer cannot rely on it."""
        # Where others have built on it, it stays as an entry without an outcome, whose change the
        # next entry finds not made.
        alone = locked(self._folder, self._lock_timeout)
        with contextlib.suppress(OSError, LtictlError), alone:
            descriptor = open_own(self._root, path, os.O_WRONLY)
            try:
                if os.fstat(descriptor).st_size == end:
                    os.ftruncate(descriptor, begin)
            finally:
                os.close(descriptor)

    def _newest(self) -> _Newest:
        newest: Path | None = None
        end = 0
        # A file may hold no readable line; then the end of the log is in the one before it.
        for path in reversed(self._files()):
            # The end alone: every change of the profile looks here, and a file grows to a megabyte.
            data, begin = read_end(self._root, path, _END)
            line = _last_line(data, begin)
            if line is None and begin:
                data, begin = read_own(self._root, path) or b"", 0
                line = _last_line(data, begin)
            if newest is None:
                newest, end = path, begin + len(_whole_part(data))
            if line is not None:
                return _Newest(newest, end, tail_after(line))
        return _Newest(newest, end, Tail())

    def _files(self) -> list[Path]:
        try:
            return log_files(self._root)
        except OSError as error:
            raise cannot_read(self._folder, error) from error


def _write_at(descriptor: int, end: int, data: bytes) -> None:
    if os.fstat(descriptor).st_size > end:  # a crash tore it off
        os.ftruncate(descriptor, end)
    try:
        os.lseek(descriptor, end, os.SEEK_SET)
        write_all(descriptor, data)
    except BaseException:  # half a line must not stay
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def _close(descriptor: int, *, durable: bool) -> None:
    try:
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_line(data: bytes, begin: int) -> Line | None:
    """Return the last readable line of a part of a file that begins at ``begin``."""
    lines = _whole_part(data).splitlines()
    # The first line of a part is probably cut. 'log --check' tells of the damaged ones.
    found = map(decode_line, reversed(lines[1:] if begin else lines))
    return next((line for line in found if line is not None), None)


def _whole_part(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def _edited(data: bytes, edit: Callable[[Line], Line | None]) -> bytes:
    line = decode_line(data)
    wanted = edit(line) if line else None
    return encode_line(wanted) if wanted else data
