"""All documents of one kind: ``organizations/``, ``invitations/``, ``integrations/``, ``keys/``."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from ltictl.errors import (
    AlreadyExistsError,
    InvalidValueError,
    LtictlError,
    NotFoundError,
    UnreadableError,
)
from ltictl.model.suggestion import did_you_mean, likeliest
from ltictl.store.document_kinds import DocumentKind
from ltictl.store.document_text import Document
from ltictl.store.folder import ConflictError, Folder, MissingError
from ltictl.store.layout import may_name
from ltictl.store.listing import Listing
from ltictl.store.records import document_of, record_of

if TYPE_CHECKING:
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.log.recorder import ChangeEntry, Recorder, State

T = TypeVar("T", bound=Struct)


class Collection(Generic[T]):
    """The documents of one kind in one profile, as records of the model."""

    def __init__(
        self,
        folder: "Folder | Bucket",
        kind: DocumentKind[T],
        recorder: "Callable[[], Recorder]",
    ) -> None:
        self._folder = folder
        self._kind = kind
        self._recorder = recorder

    def ids(self, beginning: str = "") -> list[str]:
        """Return the sorted ids that begin with ``beginning``, also those of damaged documents."""
        start = len(self._kind.prefix) + 1
        return [path[start:] for path in self._folder.list(self._kind.prefix, beginning)]

    def all(self, among: Iterable[str] | None = None) -> Listing[T]:
        """Return all readable entries, sorted by id, and the errors of the damaged documents.

        Args:
            among: the ids to read; all without them.
        """
        items: list[T] = []
        damaged: list[UnreadableError] = []
        for each in self.each(among):
            if isinstance(each, UnreadableError):
                damaged.append(each)
            else:
                items.append(each)
        return Listing(tuple(items), tuple(damaged))

    def each(self, among: Iterable[str] | None = None) -> Iterator[T | UnreadableError]:
        """Yield the entries of ``all`` one by one, and a damaged one as its error."""
        start = len(self._kind.prefix) + 1
        # Without a listing where the ids are known: it costs a request in a shared store.
        chosen = among if among is None else [f"{self._kind.prefix}/{each}" for each in among]
        paths = self._folder.list(self._kind.prefix) if chosen is None else chosen
        for path, document in self._folder.read_many(paths):
            if isinstance(document, UnreadableError):
                yield document
                continue
            try:
                thing = self._read(path[start:], document)
            except UnreadableError as error:
                yield error
            else:
                yield thing

    def get(self, identifier: str) -> T:
        """Return the entry with this id.

        Raises:
            NotFoundError: there is none of that name.
            UnreadableError: its document is damaged.
        """
        found = self.find(identifier)
        if found is None:
            raise self._missing(identifier)
        return found

    def find(self, identifier: str) -> T | None:
        """Return the entry with this id, ``None`` if there is none.

        Raises:
            UnreadableError: its document is damaged.
        """
        # An id comes from the command line: as a path it could lead out of the profile.
        if not may_name(identifier):
            return None
        try:
            document, _ = self._folder.read(self._path(identifier))
        except MissingError:
            return None
        return self._read(identifier, document)

    def exists(self, identifier: str) -> bool:
        """Return whether a document with this id exists, readable or not."""
        return self._folder.exists(self._path(identifier))

    def place(self, identifier: str) -> str:
        """Return the place of the document with this id as text for people."""
        return self._folder.place(self._path(identifier))

    def add(self, thing: T, first: Callable[[], object] | None = None) -> None:
        """Write the document of a new entry.

        Args:
            thing: the entry.
            first: stores what has to be there before it.

        Raises:
            AlreadyExistsError: it is there already.
            LtictlError: it could not be written.
        """
        identifier = getattr(thing, self._kind.key)
        try:
            self._create(self._path(identifier), document_of(thing, self._kind.key), first)
        except ConflictError:
            raise AlreadyExistsError(
                "already_exists",
                f"There is already the {self._kind.noun} {identifier!r}.",
                fix=f"Choose another name, or see '{self._kind.command}'.",
            ) from None

    def _create(self, path: str, document: Document, first: Callable[[], object] | None) -> None:
        if not self._kind.is_random and self._folder.exists(path):
            raise ConflictError(path)  # a name that is taken is no change for the log
        with self._recorder().turn() as entry:
            # On record before it is made: a crash between the two leaves an open entry in the log.
            note = partial(entry.note, path, None, document)
            marked, *_ = self._folder.side_by_side(note, *([first] if first else []))
            self._folder.create(path, marked)
            entry.confirm(path)

    def change(self, identifier: str, edit: Callable[[T], T]) -> T:
        """Change one document by ``edit``, also while other runs write it.

        Args:
            identifier: its id.
            edit: pure function of the present entry; it may be called twice. Where it returns an
                equal entry, nothing is written.

        Returns:
            The entry after the change.

        Raises:
            NotFoundError, UnreadableError, LtictlError: as in ``get`` and ``add``.
        """
        with self._recorder().turn() as entry:
            changed = self._change_noted(identifier, edit, entry)
            if changed is not None:
                return changed
            try:
                return self._change(identifier, edit, entry)
            except ConflictError:
                # In a turn of its own, since many writers would keep each other from ever ending.
                return self._change_in_turn(identifier, edit, entry)

    def _change_noted(
        self, identifier: str, edit: Callable[[T], T], entry: "ChangeEntry"
    ) -> T | None:
        """Change a document if it is still as this machine noted it; ``None`` if it is not."""
        path = self._path(identifier)
        noted = self._folder.read_noted(path)
        if noted is None:
            return None
        document, version = noted
        wanted = None
        with suppress(LtictlError):  # the present document may be another one
            changed, wanted = self._edited(identifier, document, edit)
        if wanted is None:  # only the present document can show that there is nothing to do
            return None
        with suppress(ConflictError, MissingError):
            self._folder.replace(path, entry.note(path, document, wanted), version)
            entry.confirm(path)
            return changed
        return None

    def _change(self, identifier: str, edit: Callable[[T], T], entry: "ChangeEntry") -> T:
        path = self._path(identifier)
        try:
            document, version = self._folder.read(path)
            changed, wanted = self._edited(identifier, document, edit)
            if wanted is not None:
                self._folder.replace(path, entry.note(path, document, wanted), version)
                entry.confirm(path)
        except MissingError:
            raise self._missing(identifier) from None
        return changed

    def change_each(self, edits: Mapping[str, Callable[[T], T]]) -> dict[str, LtictlError]:
        """Change several documents in one turn; each is whole by itself, not all together.

        Args:
            edits: by identifier; as in ``change``.

        Returns:
            The error of each document that was not changed, by identifier.

        Raises:
            LtictlError: nothing could be written.
        """
        paths = {self._path(identifier): identifier for identifier in edits}
        with self._recorder().turn() as entry:
            # One line for all: a line for each would cost a sync, or a request, each.
            entry.note_each(self._planned(paths, edits))
            written: set[str] = set()
            editors = {
                path: self._editor(identifier, edits[identifier], entry, written)
                for path, identifier in paths.items()
            }
            failed = self._folder.change_each(editors)
            entry.confirm(*written - failed.keys())
        return {
            paths[path]: self._missing(paths[path]) if isinstance(error, MissingError) else error
            for path, error in failed.items()
        }

    def plan(self, identifier: str, edit: Callable[[T], T]) -> "list[State]":
        """Return the change that ``change`` would make now, for one line with another change."""
        return self._planned({self._path(identifier): identifier}, {identifier: edit})

    def _planned(
        self, paths: Mapping[str, str], edits: Mapping[str, Callable[[T], T]]
    ) -> "list[State]":
        """Return the changes that ``change_each`` is about to make, for one line of the log."""
        planned: list[State] = []
        for path, document in self._folder.read_many(paths):
            if isinstance(document, UnreadableError):
                continue
            with suppress(LtictlError):  # the change itself says so
                wanted = self._edited(paths[path], document, edits[paths[path]])[1]
                planned += [] if wanted is None else [(path, document, wanted)]
        return planned

    def _change_in_turn(self, identifier: str, edit: Callable[[T], T], entry: "ChangeEntry") -> T:
        after: list[T] = []
        written: set[str] = set()

        # The folder calls the edit again after a conflict: the last result is the stored one.
        def edit_once(thing: T) -> T:
            after.append(edit(thing))
            return after[-1]

        try:
            self._folder.change(
                self._path(identifier), self._editor(identifier, edit_once, entry, written)
            )
        except MissingError:
            raise self._missing(identifier) from None
        entry.confirm(*written)
        return after[-1]

    def _editor(
        self, identifier: str, edit: Callable[[T], T], entry: "ChangeEntry", written: set[str]
    ) -> Callable[[Document], Document | None]:
        """Return ``edit`` for a document, which tells of the change before it is written.

        Args:
            identifier: of the document.
            edit: of its entry.
            entry: of the log; a change that it tells of already is not told again.
            written: receives the path while the document is to be written.
        """
        path = self._path(identifier)

        def editor(document: Document) -> Document | None:
            wanted = self._edited(identifier, document, edit)[1]
            if wanted is None:
                # An earlier try may have put it there, before another writer made the same change.
                written.discard(path)
                return None
            written.add(path)
            return entry.note(path, document, wanted)

        return editor

    def _edited(
        self, identifier: str, document: Document, edit: Callable[[T], T]
    ) -> tuple[T, Document | None]:
        """Return the entry after ``edit``, and its document, ``None`` where nothing changed."""
        thing = self._read(identifier, document)
        changed = edit(thing)
        return changed, None if changed == thing else document_of(changed, self._kind.key)

    def remove(self, identifier: str) -> T:
        """Move one document to ``removed/`` and return its entry.

        Raises:
            NotFoundError, UnreadableError, LtictlError: as in ``get`` and ``add``.
        """
        # A removal wants the document gone in any state, so that a conflict does not end it.
        while True:
            try:
                return self._remove(identifier)
            except ConflictError:
                continue
            except MissingError:
                raise self._missing(identifier) from None

    def _remove(self, identifier: str) -> T:
        path = self._path(identifier)
        document, version = self._folder.read(path)
        thing = self._read(identifier, document)
        with self._recorder().turn() as entry:
            # On record before it goes, as every change.
            entry.note_each([(path, document, None)])
            self._folder.delete(path, version)
            entry.confirm(path)
        return thing

    def _path(self, identifier: str) -> str:
        if not may_name(identifier):
            raise self._missing(identifier)
        return f"{self._kind.prefix}/{identifier}"

    def _read(self, identifier: str, document: Document) -> T:
        try:
            return record_of(self._kind.record, {**document, self._kind.key: identifier})
        except InvalidValueError as error:
            raise UnreadableError(
                "damaged_document",
                f"{self.place(identifier)}: {error}",
                why="The document was edited by hand, or a disk or copy went wrong.",
                fix="Correct the member named above, or restore the file.",
            ) from error

    def _missing(self, identifier: str) -> NotFoundError:
        hint = did_you_mean(identifier, self.ids())
        return NotFoundError(
            f"no_such_{self._kind.noun.replace(' ', '_')}",
            f"There is no {self._kind.noun} {identifier[:80]!r}.",
            fix=f"{hint}'{self._kind.command}' shows what there is.",
            instead=(identifier, likeliest(identifier, self.ids())),
        )
