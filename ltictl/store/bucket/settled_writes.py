"""Reads and writes of single objects, each made until its outcome is known."""

from collections.abc import Callable
from typing import Final, TypeVar

from ltictl.errors import LockedError, LtictlError, UnreadableError
from ltictl.store.bucket.memory import Memory
from ltictl.store.bucket.objects import DEADLINE, Objects, PassingError, Tag
from ltictl.store.bucket.patience import Patience, patiently
from ltictl.store.bucket.refusals import unknown_outcome
from ltictl.store.bucket.standing import StandingDocument
from ltictl.store.document_text import Document, parse_document
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import object_of

T = TypeVar("T")
EARLIER: Final = "earlier"
# Object storage deletes on no condition: a document that is gone is an empty object, so that a
# delete never takes away a newer document. A listing has sizes, and shows them without a read.
REMOVED: Final = b""
TRIED: Final = 20.0  # seconds for which one write is repeated
# A move and a new passphrase wait for the writes of other machines, and so these are bounded,
# however long a person lets a command wait.
LONGEST_WRITE: Final = TRIED + DEADLINE


class SettledWrites:
    """The objects of a store by the paths of their documents.

    Args:
        objects: the store.
        standing: the store's description of itself, at which each write looks.
        patience: seconds to wait for other writers, and for a store that is out of reach.
    """

    def __init__(self, objects: Objects, standing: StandingDocument, patience: float) -> None:
        self.objects = objects
        self._standing = standing
        self.memory = Memory()
        self._patience = patience

    def get(self, path: str) -> tuple[bytes, Tag]:
        """Return the content and the state of an object, as this run knows them or as they are.

        Raises:
            MissingError: there is none.
            LtictlError: the store refused, or is out of reach.
        """
        # Memory only saves a request: the write that follows fails if this state is old.
        seen = self.memory.get(object_of(path))
        if seen is None:
            return self.get_now(path)
        if seen.data is None:
            raise MissingError(path)
        return seen.data, seen.tag

    def get_now(self, path: str) -> tuple[bytes, Tag]:
        """Return the content and the state of an object as they are now."""
        name = object_of(path)
        try:
            data, tag = self.patiently(lambda: self.objects.get(name))
        except MissingError:
            self.memory.put(name, None, Tag())
            raise
        self.memory.put(name, data, tag)
        return data, tag

    def get_if_there(
        self, path: str, get: Callable[[str], tuple[bytes, Tag]] | None = None
    ) -> tuple[bytes | None, Tag]:
        """Return what ``get`` returns, and ``None`` for a missing object."""
        try:
            return (get or self.get)(path)
        except MissingError:
            return None, Tag()

    def patiently(self, call: Callable[[], T]) -> T:
        """Return the result of a request that changes nothing; see ``patience.patiently``."""
        return patiently(call, self._patience, self.objects.place)

    def put(self, path: str, body: bytes, tag: Tag | None, marks: tuple[str, ...]) -> None:
        """Write on the condition ``tag`` until the outcome is known.

        Args:
            path: of the document.
            body: its content.
            tag: the state that it replaces, ``None`` where none stands.
            marks: any of them in the stored document shows that this write was carried out.

        Raises:
            ConflictError, MissingError: another writer was first.
            LockedError: other writers were faster all that time.
            LtictlError: the store was moved or refused, or it is not known whether it was written.
        """
        self._standing.require_writable()
        creating, doubtful = tag is None, False
        patience = Patience(min(self._patience, TRIED))
        name = object_of(path)
        # A removed document is an empty object, over which a creation is a replacement.
        if creating:
            tag = self._emptied(name)
        while True:
            # Before the request: an answer that is lost must not leave the old state in memory.
            self.memory.forget(name)
            try:
                self.memory.put_written(name, body, self.objects.put(name, body, tag))
            # The same condition again, never another one: the first request may still arrive.
            except PassingError:
                doubtful = True
            except (ConflictError, MissingError):
                found = self.get_if_there(path, self.get_now)
                # The answer to the first request may have been lost: a document with our mark,
                # which is random and fresh at each write, is ours.
                if self._is_written(found[0], body, marks):
                    return
                tag = self._next_condition(path, found, tag, creating=creating)
            else:
                return
            if not patience.pause():
                raise self._given_up(path, doubtful=doubtful)

    def _given_up(self, path: str, *, doubtful: bool) -> LtictlError:
        if doubtful:
            return unknown_outcome(self.objects.place, path)
        place = f"{self.objects.place}/{object_of(path)}"
        return contended(place, min(self._patience, TRIED))

    def _emptied(self, name: str) -> Tag | None:
        """Return the state of an object that is known to stand for a removed document."""
        seen = self.memory.get(name)
        return seen.tag if seen is not None and seen.data == REMOVED else None

    def _is_written(self, data: bytes | None, body: bytes, marks: tuple[str, ...]) -> bool:
        if body == REMOVED:
            return data is None or data == REMOVED
        return data == body or bool(data and set(marks) & set(marks_in(data)))

    def _next_condition(
        self, path: str, found: tuple[bytes | None, Tag], tag: Tag | None, *, creating: bool
    ) -> Tag | None:
        """Return the condition of the next try.

        Raises:
            ConflictError, MissingError: another writer was first.
        """
        data, there = found
        gone = data is None or data == REMOVED
        if creating and gone:
            return None if data is None else there
        if creating:
            raise ConflictError(path)
        if gone:
            raise MissingError(path)
        if there != tag:
            raise ConflictError(path)
        return tag  # the server was not sure itself


def marks_of(document: Document) -> tuple[str, ...]:
    """Return the marks of the last writes of a document, the newest first."""
    earlier = document.get(EARLIER, ())
    marks = [document.get("write"), *(earlier if isinstance(earlier, list) else ())]
    return tuple(each for each in marks if isinstance(each, str) and each)


def marks_in(data: bytes) -> tuple[str, ...]:
    """Return the marks of a document that is not parsed; none for a damaged one."""
    try:
        return marks_of(parse_document("", data))
    except UnreadableError:
        return ()


def contended(place: str, seconds: float) -> LockedError:
    """Return the error for a document that others kept changing."""
    return LockedError(
        "store_contended",
        f"Other runs kept changing {place} for {seconds:g} s.",
        why="Many runs write the same document at once.",
        fix="Run the same command again, or give --lock-timeout a longer time.",
    )
