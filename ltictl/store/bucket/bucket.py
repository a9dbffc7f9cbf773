"""A shared store of TOML documents, with the verbs of ``Folder`` over conditional writes.

There is no lock: every write names the state that it replaces, and of two writers one reads and
writes again.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec
from msgspec import Struct

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.bucket.objects import ListedObject, Objects, Tag
from ltictl.store.bucket.patience import Patience
from ltictl.store.bucket.read_cache import ReadCache
from ltictl.store.bucket.settled_writes import (
    EARLIER,
    REMOVED,
    SettledWrites,
    contended,
    marks_in,
    marks_of,
)
from ltictl.store.bucket.standing import StandingDocument
from ltictl.store.document_text import (
    Document,
    fresh_mark,
    parse_document,
    render_document,
)
from ltictl.store.folder import (
    ConflictError,
    Edit,
    MissingError,
    Version,
)
from ltictl.store.layout import document_of_object, object_of, removed_object

_KEPT_MARKS: Final = 8  # a writer whose answer was lost looks within seconds
_RARELY_EMPTY: Final = frozenset({"integrations", "organizations", "keys"})
# A request waits mostly for the network, and other requests use that time.
_AT_ONCE: Final = 32


class _Known(Struct, frozen=True):
    """The content of a version: what the server compares, and the marks of the last writes."""

    tag: Tag
    marks: tuple[str, ...] = ()


@contextlib.contextmanager
def _reading_threads() -> Iterator[ThreadPoolExecutor]:
    """Provide threads that begin no further read once the block has failed."""
    with ThreadPoolExecutor(_AT_ONCE, "ltictl-read") as threads:
        try:
            yield threads
        except BaseException:
            # Thousands of reads would each try a store that is gone for seconds, after Ctrl-C too.
            threads.shutdown(wait=False, cancel_futures=True)
            raise


class Bucket:
    """The documents below one address of object storage.

    Paths are as in ``Folder``: ``integrations/acme-moodle``.

    Args:
        objects: the store.
        standing: the store's description of itself.
        patience: seconds to wait for other writers, and for a store that is out of reach.
        cache: keeps documents by version.
    """

    def __init__(
        self, objects: Objects, standing: StandingDocument, patience: float, cache: ReadCache
    ) -> None:
        self.objects = objects
        self.standing = standing
        self._settled = SettledWrites(objects, standing, patience)
        self._patience = patience
        self._cache = cache
        self._listed: dict[str, Tag] = {}

    def read(self, path: str) -> tuple[Document, Version]:
        """Return a document and its version.

        Raises:
            MissingError: there is none.
            UnreadableError: it is damaged.
            LtictlError: the store refused, or is out of reach.
        """
        # The tag and the marks travel in the version, so that a replace needs no second read.
        data, tag = self._settled.get(path)
        self._note(path)
        if data == REMOVED:
            raise MissingError(path)
        document, marks = self._parsed(path, data)
        return document, msgspec.json.encode(_Known(tag, marks))

    def read_noted(self, path: str) -> tuple[Document, Version] | None:
        """Return a document as this machine saw it last, without a request.

        The store may hold another one now: a replacement of this version fails then, and nothing
        else may rest on it. There is none where this run has seen the document: ``read`` is as
        quick then.
        """
        if self._settled.memory.get(object_of(path)) is not None:
            return None
        known = self._cache.known(path)
        if known is None:
            return None
        try:
            document, marks = self._parsed(path, known[0])
        except UnreadableError:
            return None
        return document, msgspec.json.encode(_Known(known[1], marks))

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, Document | UnreadableError]]:
        """Yield each existing document in order, or the error of a damaged one."""
        wanted = tuple(paths)
        with (
            # One kind of documents shares one cache file, and all paths are of one kind.
            self._cache.opened(wanted[:1]) as cached,
            _reading_threads() as readers,
        ):
            fetched = {
                path: readers.submit(self._settled.get_if_there, path)
                for path in wanted
                if cached.get(path, self._listed.get(path)) is None
            }
            for path in wanted:
                data = cached.get(path, self._listed.get(path))
                if path in fetched:
                    data, tag = fetched.pop(path).result()
                    cached.put(path, tag, data)
                if data == REMOVED or data is None:
                    continue
                try:
                    yield path, self._parsed(path, data)[0]
                except UnreadableError as error:
                    yield path, error

    def list(self, prefix: str, beginning: str = "") -> list[str]:
        """Return the sorted paths of the documents in a folder.

        Args:
            prefix: the folder.
            beginning: only names that begin so.
        """
        found = {}
        start = f"{prefix}/{beginning}"
        for entry in self._entries(prefix):
            path = document_of_object(entry.name)
            # Listings of object storage go down into folders: only the direct documents count.
            direct = path.startswith(start) and path.count("/") == prefix.count("/") + 1
            if direct and entry.size > len(REMOVED):
                found[path] = entry.tag
        self._listed |= found
        return sorted(found)

    def _entries(self, prefix: str) -> tuple[ListedObject, ...]:
        known = self._settled.memory.listing(prefix)
        if known is None:
            known = self._settled.patiently(lambda: tuple(self.objects.list(prefix)))
            if not known and prefix in _RARELY_EMPTY:
                # The client library takes a web page for an empty list, so that a login page before
                # the network would look like a profile that lost everything.
                self.standing.require_answer()
            self._settled.memory.put_listing(prefix, known)
        return known

    @staticmethod
    def side_by_side(*calls: Callable[[], object]) -> tuple[Any, ...]:
        """Return the results of calls that do not wait for each other's requests.

        Raises:
            Exception: the first call that failed did so; all have ended.
        """
        if len(calls) == 1:
            return (calls[0](),)
        with ThreadPoolExecutor(len(calls), "ltictl-side") as sides:
            futures = [sides.submit(call) for call in calls]
        return tuple(each.result() for each in futures)

    def look_again(self, prefix: str = "") -> None:
        """Forget what this run has seen in the folder ``prefix``, or all of it."""
        self._settled.memory.forget_below(prefix)

    def exists(self, path: str) -> bool:
        """Return whether a document exists at ``path``, readable or not."""
        # No HEAD: its answer has no body, and so does not say that the whole bucket is missing.
        data, _ = self._settled.get_if_there(path)
        return data is not None and data != REMOVED

    def place(self, path: str) -> str:
        """Return the address of a document as text for people."""
        return f"{self.objects.place}/{object_of(path)}"

    def set_up(self, path: str, text: str) -> None:
        """Make the store, with ``text`` as its first document.

        Raises:
            ConflictError: that document stands there.
            LtictlError: it could not be written.
        """
        self._settled.put(path, text.encode(), None, marks_in(text.encode()))

    def create(self, path: str, document: Document) -> None:
        """Write a new document.

        Raises:
            ConflictError: one stands there.
            LtictlError: it could not be written.
        """
        mark = fresh_mark()
        self._settled.put(path, render_document(document, mark), None, (mark,))
        self._note(path)

    def raw(self, path: str) -> bytes:
        """Return the bytes of a document, for a copy.

        Raises:
            MissingError: there is none.
        """
        data, _ = self._settled.get_now(path)
        if data == REMOVED:
            raise MissingError(path)
        return data

    def create_raw(self, path: str, data: bytes) -> None:
        """Write a new document with these bytes, for a copy."""
        # Without marks the bytes themselves show that a write was carried out.
        self._settled.put(path, data, None, ())

    def replace(self, path: str, document: Document, version: Version) -> None:
        """Replace a document that was read as ``version``.

        Raises:
            MissingError: there is none any more.
            ConflictError: it changed since.
            LtictlError: it could not be written.
        """
        known = msgspec.json.decode(version, type=_Known)
        mark = fresh_mark()
        # The marks of the last writers stay in the document, for those whose answers were lost.
        marked = {**document, EARLIER: list(known.marks[:_KEPT_MARKS])}
        self._settled.put(path, render_document(marked, mark), known.tag, (mark,))
        self._note(path)

    def delete(self, path: str, version: Version) -> None:
        """Copy a document that was read as ``version`` to ``removed/``, and remove it.

        Raises:
            MissingError, ConflictError: as in ``replace``.
        """
        known = msgspec.json.decode(version, type=_Known)
        data, tag = self._settled.get(path)
        if data == REMOVED:
            raise MissingError(path)
        if tag != known.tag:
            raise ConflictError(path)
        # The copy first: a run that is killed between the two leaves one too many, never none.
        self._settled.put(removed_object(path, os.urandom(4).hex()), data, None, marks_in(data))
        self._settled.put(path, REMOVED, tag, ())
        self._note(path)

    def clear(self, path: str, version: Version) -> None:
        """Remove a document that was read as ``version``, without a copy.

        Raises:
            MissingError, ConflictError: as in ``replace``.
        """
        self._settled.put(path, REMOVED, msgspec.json.decode(version, type=_Known).tag, ())

    def change(self, path: str, edit: Edit) -> None:
        """Read, edit and replace, again after each conflict.

        Args:
            path: the document.
            edit: pure and quick function from the present document to the wanted one; ``None``
                leaves it as it is.

        Raises:
            MissingError: there is none.
            LockedError: other writers were faster all that time.
            LtictlError: damaged, or it could not be written.
        """
        patience = Patience(self._patience)
        while True:
            document, version = self.read(path)
            wanted = edit(document)
            if wanted is None:
                return
            try:
                self.replace(path, wanted, version)
            except ConflictError:
                if not patience.pause():
                    raise contended(self.place(path), self._patience) from None
                self._settled.memory.forget(object_of(path))  # it was paused: look again
            else:
                return

    def change_each(self, edits: Mapping[str, Edit]) -> dict[str, MissingError | LtictlError]:
        """Change several documents side by side; each is whole by itself.

        Args:
            edits: by path.

        Returns:
            The error of each document that was not changed, by path.
        """

        def change(path: str) -> MissingError | LtictlError | None:
            try:
                self.change(path, edits[path])
            except (MissingError, LtictlError) as error:
                return error
            return None

        # Before the threads start: they would all check a new store at once.
        if edits:
            self.standing.require_writable()
        with ThreadPoolExecutor(_AT_ONCE, "ltictl-write") as writers:
            outcomes = dict(zip(edits, writers.map(change, edits), strict=True))
        return {path: error for path, error in outcomes.items() if error is not None}

    def _note(self, path: str) -> None:
        seen = self._settled.memory.get(object_of(path))
        if seen is not None:
            self._cache.note(path, seen.tag, seen.data)

    def _parsed(self, path: str, data: bytes) -> tuple[Document, tuple[str, ...]]:
        document = parse_document(self.place(path), data)
        marks = marks_of(document)
        return {name: value for name, value in document.items() if name != EARLIER}, marks
