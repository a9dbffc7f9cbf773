"""A folder of TOML documents: one thing a document, whole or not at all, compared before replaced.

The only class that turns names into paths. What stands above relies on single documents only, so
that the same verbs could one day speak to object storage.
"""

import os
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.files import make_folder, move, write_each, write_whole
from ltictl.store.layout import DOCUMENT, IGNORED, document_file, ignore_file, removed_file
from ltictl.store.lock import LOCK_TIMEOUT, locked
from ltictl.store.reading import read_own, require_inside
from ltictl.store.refusals import cannot_read
from ltictl.store.toml import NotTomlError, parse

Document = Mapping[str, Any]
Edit = Callable[[Document], Document | None]
Version = bytes  # what was read, byte for byte; comparing it costs less than any digest

SCHEMA = 1
_LAST = "\U0010ffff"  # sorts behind every name that goes on
_SETTLED_NS = 2_500_000_000  # the coarsest clock, that of FAT, ticks every two seconds
_FOLDERS_TELL = os.name != "nt"  # on Windows a folder's own time may lag behind its contents


class MissingError(Exception):
    """There is no document at that path."""


class ConflictError(Exception):
    """The document is not, or no longer, the one that was read."""


class Folder:
    """The documents of one profile.

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
        """Return one document and its version.

        Raises:
            MissingError: there is none.
            UnreadableError: it is damaged or not readable.
        """
        require_inside(self.root, self._file(path).parent)
        return self._read(path)

    def _read(self, path: str) -> tuple[Document, Version]:
        file = f"{self.root}/{path}{DOCUMENT}"  # a Path for each of 10,000 is 2 % of 'list'
        data = read_own(self.root, file)
        if data is None:
            raise MissingError(path)
        return parse_document(file, data), data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, Document | UnreadableError]]:
        """Yield documents that are still there, in order; a damaged one comes as its error."""
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
        """Return paths of the documents in the folder ``prefix``, sorted.

        Args:
            prefix: the folder.
            beginning: only names that begin so.
        """
        names = self._names(prefix)
        start = bisect_left(names, beginning)
        stop = bisect_left(names, beginning + _LAST) if beginning else len(names)
        return [f"{prefix}/{name}" for name in names[start:stop]]

    def _names(self, prefix: str) -> tuple[str, ...]:
        """Sorted names; listed anew only where the folder says that it changed."""
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

    def exists(self, path: str) -> bool:
        """Return whether a document stands at ``path``, readable or not."""
        return os.path.lexists(self._file(path))

    def place(self, path: str) -> str:
        """Return the place of the document at ``path``, to be shown."""
        return str(self._file(path))

    def set_up(self, path: str, text: str) -> None:
        """Make the folder, with ``text`` as its first document and what keeps secrets out of git.

        Raises:
            ConflictError: that document stands there.
            LtictlError: it could not be written.
        """
        make_folder(self.root)
        with locked(self.root, self._lock_timeout):
            if self.exists(path):
                raise ConflictError(path)
            if not ignore_file(self.root).exists():
                write_whole(ignore_file(self.root), IGNORED.encode())
            write_whole(self._file(path), text.encode())

    def create(self, path: str, document: Document) -> None:
        """Write a document where none stands.

        Raises:
            ConflictError: one stands there.
            LtictlError: it could not be written.
        """
        self.create_raw(path, render(document))

    def raw(self, path: str) -> bytes:
        """Return a document as it stands, to be copied.

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
        """``create`` for a document that another place holds as these bytes."""
        file = self._file(path)
        require_inside(self.root, file.parent)
        make_folder(file.parent)
        with locked(self.root, self._lock_timeout):
            if self.exists(path):
                raise ConflictError(path)
            write_whole(file, data)

    def replace(self, path: str, document: Document, version: Version) -> None:
        """Replace the document that was read as ``version``.

        Raises:
            MissingError: there is none any more.
            ConflictError: it changed since.
            LtictlError: it could not be written.
        """
        file = self._file(path)
        with locked(self.root, self._lock_timeout):
            self._compare(path, file, version)
            write_whole(file, render(document))

    def delete(self, path: str, version: Version) -> None:
        """Move the document that was read as ``version`` to ``removed/``.

        Raises:
            MissingError, ConflictError: as in ``replace``.
        """
        file = self._file(path)
        target = removed_file(self.root, path, os.urandom(4).hex())
        for each in (file, target):
            require_inside(self.root, each.parent)
        make_folder(target.parent)
        with locked(self.root, self._lock_timeout):
            self._compare(path, file, version)
            move(file, target)

    def change(self, path: str, edit: Edit) -> None:
        """Read, edit and replace in one turn, so that no other writer can come between.

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
        """``change`` for several documents in one turn; each is whole by itself, not all together.

        Args:
            edits: by path.

        Returns:
            What kept a document from being changed, by path.

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
        return None if wanted is None else render(wanted)

    def _file(self, path: str) -> Path:
        return document_file(self.root, path)

    def _compare(self, path: str, file: Path, version: Version) -> None:
        require_inside(self.root, file.parent)
        data = read_own(self.root, file)
        if data is None:
            raise MissingError(path)
        if data != version:
            raise ConflictError(path)


def fresh_mark() -> str:
    """Return a ``write`` member: it tells one's own write from another's, and A after B from A."""
    return os.urandom(8).hex()


def render(document: Document, mark: str = "") -> bytes:
    """Return the document as TOML, with the schema's number and a fresh ``write`` mark.

    Args:
        document: what is written.
        mark: the mark, where the caller has made it.
    """
    import tomli_w

    marked = {"schema": SCHEMA, "write": mark or fresh_mark()} | {
        key: value for key, value in document.items() if key not in {"schema", "write"}
    }
    try:
        text = tomli_w.dumps(marked)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LtictlError(
            "not_text", "A value holds half of a character and cannot be written down."
        ) from error


def parse_document(file: str, data: bytes) -> Document:
    """Return the document that the bytes of ``file`` are.

    Raises:
        UnreadableError: they are no TOML, or of a newer schema.
    """
    try:
        document = parse(data.decode("utf-8"))
    except NotTomlError as error:
        secret = Path(file).parent.name == "secrets"
        problem = f"{error.place}: {error.problem}{'' if secret else f': {error.text}'}"
        raise _no_toml(file, problem) from error
    except (ValueError, RecursionError) as error:
        raise _no_toml(file, f" is damaged: {error}") from error
    if document.get("schema", SCHEMA) != SCHEMA:
        raise UnreadableError(
            "newer_schema",
            f"{file} has schema {document.get('schema')!r}; this ltictl knows {SCHEMA}.",
            why="It was written by a newer ltictl.",
            fix="Upgrade ltictl on this machine.",
        )
    return document


def _no_toml(file: str, problem: str) -> UnreadableError:
    return UnreadableError(
        "damaged_document",
        f"{file}{problem}",
        why="It was edited by hand and is no longer TOML, or a disk or copy went wrong.",
        fix="Correct the line named above, or restore the file; ltictl will not overwrite it.",
    )
