"""A folder of TOML documents: one thing a document, whole or not at all, compared before replaced.

The only class that turns names into paths. What stands above relies on single documents only, so
that the same verbs could one day speak to object storage.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.files import cannot_read, make_folder, move, read_bytes, write_whole
from ltictl.store.lock import locked

Document = Mapping[str, Any]
Version = bytes  # what was read, byte for byte; comparing it costs less than any digest

SCHEMA = 1
_SUFFIX = ".toml"


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

    def __init__(self, root: Path, lock_timeout: float = 10.0) -> None:
        self.root = root
        self._lock_timeout = lock_timeout

    def read(self, path: str) -> tuple[Document, Version]:
        """One document and its version.

        Raises:
            MissingError: there is none.
            UnreadableError: it is damaged or not readable.
        """
        data = read_bytes(self._file(path))
        if data is None:
            raise MissingError(path)
        return _parse(self._file(path), data), data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, Document | UnreadableError]]:
        """Documents that are still there, in order; a damaged one comes as its error."""
        for path in paths:
            try:
                document, _ = self.read(path)
            except MissingError:
                continue
            except UnreadableError as error:
                yield path, error
            else:
                yield path, document

    def list(self, prefix: str) -> list[str]:
        """Paths of the documents in the folder ``prefix``, sorted."""
        folder = self.root / prefix
        try:
            names = os.listdir(folder)  # noqa: PTH208  a third of iterdir's cost at 10,000
        except FileNotFoundError:
            return []
        except OSError as error:
            raise cannot_read(folder, error) from error
        return sorted(
            f"{prefix}/{name.removesuffix(_SUFFIX)}"
            for name in names
            if name.endswith(_SUFFIX) and not name.startswith(".")
        )

    def exists(self, path: str) -> bool:
        """Whether a document stands at ``path``, readable or not."""
        return self._file(path).exists()

    def create(self, path: str, document: Document) -> None:
        """Write a document where none stands.

        Raises:
            ConflictError: one stands there.
            LtictlError: it could not be written.
        """
        file = self._file(path)
        make_folder(file.parent)
        with locked(self.root, self._lock_timeout):
            if file.exists() or file.is_symlink():
                raise ConflictError(path)
            write_whole(file, render(document))

    def replace(self, path: str, document: Document, version: Version) -> None:
        """Write a document in the place of the one that was read as ``version``.

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
        target = self.root / "removed" / f"{path}.{secrets.token_hex(4)}{_SUFFIX}"
        make_folder(target.parent)
        with locked(self.root, self._lock_timeout):
            self._compare(path, file, version)
            move(file, target)

    def change(self, path: str, edit: Callable[[Document], Document]) -> None:
        """Read, edit, replace; again from the start whenever another writer came between.

        Args:
            path: the document.
            edit: pure function from the present document to the wanted one.

        Raises:
            MissingError: there is none.
            LtictlError: damaged, or it could not be written.
        """
        while True:
            document, version = self.read(path)
            try:
                self.replace(path, edit(document), version)
            except ConflictError:
                continue
            return

    def _file(self, path: str) -> Path:
        return self.root / f"{path}{_SUFFIX}"

    @staticmethod
    def _compare(path: str, file: Path, version: Version) -> None:
        data = read_bytes(file)
        if data is None:
            raise MissingError(path)
        if data != version:
            raise ConflictError(path)


def render(document: Document) -> bytes:
    """The document as TOML, with the schema's number and a fresh ``write`` mark."""
    import tomli_w

    marked = {"schema": SCHEMA, "write": secrets.token_hex(8)} | {
        key: value for key, value in document.items() if key not in {"schema", "write"}
    }
    try:
        text = tomli_w.dumps(marked)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LtictlError(
            "not_text", "A value holds half of a character and cannot be written down."
        ) from error


def _parse(file: Path, data: bytes) -> Document:
    try:
        document = tomli.loads(data.decode("utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(
            "damaged_document",
            f"{file} is damaged: {error}",
            why="It was edited by hand and is no longer TOML, or a disk or copy went wrong.",
            fix="Correct the line named above, or restore the file; ltictl will not overwrite it.",
        ) from error
    if document.get("schema", SCHEMA) != SCHEMA:
        raise UnreadableError(
            "newer_schema",
            f"{file} has schema {document.get('schema')!r}; this ltictl knows {SCHEMA}.",
            why="It was written by a newer ltictl.",
            fix="Upgrade ltictl on this machine.",
        )
    return document
