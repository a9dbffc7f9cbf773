"""A folder of TOML documents, each replaced as a whole and only after a comparison.

No other class turns a document's name into a path. ``store.bucket.bucket`` has the same verbs for
object storage.
"""

import os
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.document_text import Document, parse_document, render_document
from ltictl.store.files import (
    make_folder,
    move_file,
    remove_file,
    staged,
    write_each,
    write_whole,
)
from ltictl.store.layout import (
    DOCUMENT,
    IGNORED,
    document_file,
    ignore_file,
    removed_file,
)
from ltictl.store.lock import LOCK_TIMEOUT, locked
from ltictl.store.reading import read_own, require_inside
from ltictl.store.refusals import cannot_read

Edit = Callable[[Document], Document | None]
Version = bytes  # the bytes that were read; comparing them costs less than any digest

_LAST = "\U0010ffff"  # sorts behind every name that goes on
_SETTLED_NS = 2_500_000_000  # the coarsest clock, that of FAT, ticks every two seconds
_FOLDERS_TELL = os.name != "nt"  # on Windows a folder's own time may lag behind its contents


class MissingError(Exception):
    """There is no document at that path."""


class ConflictError(Exception):
    """The document differs from the one that was read, or exists already."""


class Folder:
    """The documents of one profile in a folder.

    Paths are relative, with forward slashes and without suffix: ``integrations/acme-moodle``.

    Args:
        root: the profile's folder.
        lock_timeout: seconds to wait for another writer.
    """

    def __init__(self, root: Path, lock_timeout: float = LOCK_TIMEOUT.total_seconds()) -> None:
        self.root = root
        self._lock_timeout = lock_timeout
        self._listed: dict[str, tuple[int, tuple[str, ...]]] = {}

    def read(self, path: str) -> tuple[Document, Version]:
        """Return a document and its version.

        Raises:
            MissingError: there is none.
            UnreadableError: it is damaged or not readable.
        """
        require_inside(self.root, self._file(path).parent)
        return self._read(path)

    @staticmethod
    def read_noted(path: str) -> tuple[Document, Version] | None:
        """Return nothing: a folder is read as quickly as notes about it would be."""
        del path
        return None

    def _read(self, path: str) -> tuple[Document, Version]:
        file = f"{self.root}/{path}{DOCUMENT}"  # a Path for each of 10,000 is 2 % of 'list'
        data = read_own(self.root, file)
        if data is None:
            raise MissingError(path)
        return parse_document(file, data), data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, Document | UnreadableError]]:
        """Yield each existing document in order, or the error of a damaged one."""
        for path in paths:
            try:
                document, _ = self._read(path)  # 'list' has looked at the folder
            except MissingError:
                continue
            except UnreadableError as error:
                yield path, error
            else:
                yield path, document

    def list(self, prefix: str, beginning: str = "") -> list[str]:
        """Return the sorted paths of the documents in a folder.

        Args:
            prefix: the folder.
            beginning: only names that begin so.
        """
        names = self._names(prefix)
        start = bisect_left(names, beginning)
        stop = bisect_left(names, beginning + _LAST) if beginning else len(names)
        return [f"{prefix}/{name}" for name in names[start:stop]]

    def _names(self, prefix: str) -> tuple[str, ...]:
        """Return the sorted names in a folder, from memory while the folder is unchanged."""
        folder = self.root / prefix
        try:
            changed = folder.stat().st_mtime_ns
            known = self._listed.get(prefix)
            if known is not None and known[0] == changed:
                return known[1]
            # A change within the same tick of the file system's clock would not show, so nothing
            # is remembered of a folder that changed just now.
            settled = time.time_ns() - changed > _SETTLED_NS
            require_inside(self.root, folder)
            found = os.listdir(folder)  # noqa: PTH208  a third of iterdir's cost at 10,000
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise cannot_read(folder, error) from error
        length = -len(DOCUMENT)
        whole = [name[:length] for name in found if name[length:] == DOCUMENT and name[0] != "."]
        names = tuple(sorted(whole))
        if settled and _FOLDERS_TELL:
            self._listed[prefix] = changed, names
        return names

    @staticmethod
    def side_by_side(*calls: Callable[[], object]) -> tuple[Any, ...]:
        """Return the results of calls, made one after the other."""
        return tuple(call() for call in calls)

    def exists(self, path: str) -> bool:
        """Return whether a document exists at ``path``, readable or not.

        Raises:
            UnreadableError: a folder on the way may not be entered, so nobody can say.
        """
        try:
            self._file(path).lstat()
        except PermissionError as error:
            raise cannot_read(self._file(path), error) from error
        except (OSError, ValueError):
            return False
        return True

    def place(self, path: str) -> str:
        """Return the file of a document as text for people."""
        return str(self._file(path))

    def set_up(self, path: str, text: str) -> None:
        """Make the folder with ``text`` as its first document, and its ``.gitignore``.

        Raises:
            ConflictError: that document stands there.
            LtictlError: it could not be written.
        """
        make_folder(self.root)
        with locked(self.root, self._lock_timeout):
            if self.exists(path):
                raise ConflictError(path)
            # Before the first document, so that no secret is ever in the folder without it.
            if not ignore_file(self.root).exists():
                write_whole(ignore_file(self.root), IGNORED.encode())
            write_whole(self._file(path), text.encode())

    def create(self, path: str, document: Document) -> None:
        """Write a new document.

        Raises:
            ConflictError: one stands there.
            LtictlError: it could not be written.
        """
        self.create_raw(path, render_document(document))

    def raw(self, path: str) -> bytes:
        """Return the bytes of a document, for a copy.

        Raises:
            MissingError: there is none.
            UnreadableError: it is not readable.
        """
        require_inside(self.root, self._file(path).parent)
        data = read_own(self.root, self._file(path))
        if data is None:
            raise MissingError(path)
        return data

    def create_raw(self, path: str, data: bytes) -> None:
        """Write a new document with these bytes, for a copy."""
        file = self._file(path)
        require_inside(self.root, file.parent)
        make_folder(file.parent)
        # A look before the file is written: where one stands there, nothing has to be taken away.
        if self.exists(path):
            raise ConflictError(path)
        with staged(file, data) as put, locked(self.root, self._lock_timeout):
            if self.exists(path):
                raise ConflictError(path)
            put()

    def replace(self, path: str, document: Document, version: Version) -> None:
        """Replace a document that was read as ``version``.

        Raises:
            MissingError: there is none any more.
            ConflictError: it changed since.
            LtictlError: it could not be written.
        """
        file = self._file(path)
        # A link must not lead the temporary file out of the profile either.
        require_inside(self.root, file.parent)
        with staged(file, render_document(document)) as put, locked(self.root, self._lock_timeout):
            self._compare(path, file, version)
            put()

    def delete(self, path: str, version: Version) -> None:
        """Move a document that was read as ``version`` to ``removed/``.

        Raises:
            MissingError, ConflictError: as in ``replace``.
        """
        file = self._file(path)
        # A random mark, since the same id may be removed many times.
        target = removed_file(self.root, path, os.urandom(4).hex())
        for each in (file, target):
            require_inside(self.root, each.parent)
        make_folder(target.parent)
        with locked(self.root, self._lock_timeout):
            self._compare(path, file, version)
            move_file(file, target)

    def clear(self, path: str, version: Version) -> None:
        """Remove a document that was read as ``version``, without a copy.

        Raises:
            MissingError, ConflictError: as in ``replace``.
        """
        file = self._file(path)
        with locked(self.root, self._lock_timeout):
            self._compare(path, file, version)
            remove_file(file)

    def change(self, path: str, edit: Edit) -> None:
        """Read, edit and replace a document under the lock.

        Args:
            path: the document.
            edit: pure and quick function from the present document to the wanted one; ``None``
                leaves it as it is.

        Raises:
            MissingError: there is none.
            LtictlError: damaged, or it could not be written.
        """
        with locked(self.root, self._lock_timeout):
            wanted = self._edited(path, edit)
            if wanted is not None:
                write_whole(self._file(path), wanted)

    def change_each(self, edits: Mapping[str, Edit]) -> dict[str, MissingError | LtictlError]:
        """Change several documents under one lock; each is whole by itself, not all together.

        Args:
            edits: by path.

        Returns:
            The error of each document that was not changed, by path.

        Raises:
            LtictlError: nothing could be written.
        """
        failed: dict[str, MissingError | LtictlError] = {}
        wanted: dict[Path, bytes] = {}
        with locked(self.root, self._lock_timeout):
            for path, edit in edits.items():
                try:
                    changed = self._edited(path, edit)
                except (MissingError, LtictlError) as error:
                    failed[path] = error
                else:
                    wanted |= {self._file(path): changed} if changed is not None else {}
            write_each(wanted)
        return failed

    def _edited(self, path: str, edit: Edit) -> bytes | None:
        document, _ = self.read(path)
        wanted = edit(document)
        return None if wanted is None else render_document(wanted)

    def _file(self, path: str) -> Path:
        return document_file(self.root, path)

    def _compare(self, path: str, file: Path, version: Version) -> None:
        require_inside(self.root, file.parent)
        data = read_own(self.root, file)
        if data is None:
            raise MissingError(path)
        if data != version:
            raise ConflictError(path)
