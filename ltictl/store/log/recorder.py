"""Records every change of a document in the log before it is made, and its outcome afterwards.

An entry is begun, durably, with the coming changes; its outcome follows. A process that died
in between leaves an open entry: the next entry finds it and compares the documents with it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import asdict

from ltictl.errors import LtictlError, UnreadableError
from ltictl.model.author import Author
from ltictl.model.moment import rfc3339
from ltictl.store.log.differences import differences
from ltictl.store.log.lines import LineKind, OpenEntry, next_line
from ltictl.store.log.outcome import Outcome, changes_in, is_made

if TYPE_CHECKING:
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.bucket.log import SharedLog
    from ltictl.store.folder import Folder
    from ltictl.store.log.file_log import FileLog

Document = Mapping[str, Any]
# Nothing tells whether a process of another machine lives.
_FOREIGN_FOR: Final = timedelta(hours=1)
_living: set[str] = set()  # the open entries of this process
_current: "ContextVar[ChangeEntry | None]" = ContextVar("current_entry", default=None)


class ChangeEntry:
    """One entry while its changes are made; nothing is written before the first of them.

    Args:
        recorder: of the profile.
        action: the kind of change, for people to search by; the block may correct it.

    Attributes:
        opening: further members of the beginning.
        told: further members of the end, such as the result of the hook.
    """

    def __init__(self, recorder: "Recorder", action: str) -> None:
        self.recorder = recorder
        self.action = action
        self.opening: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self._opened: OpenEntry | None = None
        self._changes: list[dict[str, Any]] = []
        self._turn = Lock()  # a shared store changes documents side by side

    def note(self, path: str, before: Document | None, after: Document | None) -> None:
        """Tell of one change, before it is made; once more where another writer came between.

        Raises:
            LtictlError: it could not be written; the change must not be made.
        """
        self.note_each([(path, before, after)])

    def note_each(self, states: "list[tuple[str, Document | None, Document | None]]") -> None:
        """``note`` for several changes at once."""
        changes = [found for each in states if (found := _change(*each)) is not None]
        with self._turn:
            news = [each for each in changes if each not in self._changes]
            if not news:
                return
            self.tell(news)
            self._changes += news

    def begin(self) -> None:
        """Begin the entry without a change of a document: what changes lies elsewhere.

        Raises:
            LtictlError: it could not be written.
        """
        with self._turn:
            if self._opened is None:
                self.tell([])

    def end(self, outcome: Outcome, error: str = "") -> None:
        """Tell the outcome; where that fails, the next entry makes up for it.

        Args:
            outcome: of all its changes together.
            error: code of the error, empty for none.
        """
        if self._opened is None:
            return
        body: dict[str, Any] = {"action": self.action, "outcome": outcome.value, **self.told}
        body |= {"error": error} if error else {}
        with suppress(LtictlError):
            if outcome is not Outcome.DONE:
                body["made"] = self.recorder.made(self._changes)
            self.recorder.append(LineKind.END, self._opened, body)
        _living.discard(self._opened.entry)

    def tell(self, changes: list[dict[str, Any]]) -> None:
        """Write down changes as they are given.

        Raises:
            LtictlError: they could not be written.
        """
        if self._opened is not None:
            self.recorder.append(LineKind.MORE, self._opened, {"changes": changes})
            return
        self._opened = self.recorder.begin(self.action, changes, self.opening)


class Recorder:
    """Keeps the log of one profile.

    Args:
        log: where the lines are.
        documents: what they tell of.
        author: says who is at work; asked at the first change.
    """

    def __init__(
        self,
        log: "FileLog | SharedLog",
        documents: "Folder | Bucket",
        author: Callable[[], Author],
    ) -> None:
        self.log = log
        self._documents = documents
        self._author = author

    @contextmanager
    def entry(self, action: str) -> Iterator[ChangeEntry]:
        """Let all changes of the block be one entry; the block may end it with more to tell."""
        entry = ChangeEntry(self, action)
        token = _current.set(entry)
        try:
            with _ending(entry):
                yield entry
        finally:
            _current.reset(token)

    @contextmanager
    def turn(self) -> Iterator[ChangeEntry]:
        """Give the present change its entry: that of the block around it, or one of its own."""
        around = _current.get()
        if around is not None and around.recorder is self:
            yield around
            return
        entry = ChangeEntry(self, self._author().action)
        with _ending(entry):
            yield entry

    def begin(
        self, action: str, changes: list[dict[str, Any]], more: Mapping[str, Any]
    ) -> OpenEntry:
        """Write the first line of an entry, durably, and settle those that others left open.

        Raises:
            LtictlError: it could not be written.
        """
        author = self._author()
        opened = OpenEntry(os.urandom(8).hex(), author.host, os.getpid(), rfc3339(_now()))
        body = {"action": action, "author": asdict(author), "changes": changes, **more}
        _living.add(opened.entry)
        try:
            others = self.append(LineKind.BEGIN, opened, body)
        except BaseException:
            _living.discard(opened.entry)
            raise
        self.settle(others)
        return opened

    def append(
        self, kind: LineKind, entry: OpenEntry, body: dict[str, Any]
    ) -> tuple[OpenEntry, ...]:
        """Write one line and return the other entries that are open; an end need not be durable.

        Raises:
            LtictlError: it could not be written.
        """
        at = rfc3339(_now())
        line = self.log.append(
            lambda tail: next_line(tail, kind, entry, at, body), durable=kind is not LineKind.END
        )
        return tuple(each for each in line.open if each.entry != entry.entry)

    def settle(self, opened: tuple[OpenEntry, ...]) -> int:
        """Write the outcome of entries whose processes died; how many that were."""
        here = self._author().host
        dead = {each.entry: each for each in opened if _is_dead(each, here)} if opened else {}
        if not dead:
            return 0
        with suppress(LtictlError):
            told = changes_in((line for _, line in self.log.lines() if line), dead)
            for entry, changes in told.items():
                body = {"outcome": Outcome.INTERRUPTED.value, "made": self.made(changes)}
                self.append(LineKind.END, dead[entry], body)
        return len(dead)

    def add_noticed(
        self, action: str, told: Mapping[str, Mapping[str, Any]], gone: Sequence[str]
    ) -> None:
        """Tell of changes that somebody made by other means.

        Args:
            action: the kind of the entry.
            told: document -> member -> the value that the log knew and the present one.
            gone: documents that are not there any more.

        Raises:
            LtictlError: it could not be written.
        """
        changes = [
            {"document": path, "what": "changed", "members": dict(members)}
            for path, members in told.items()
        ]
        changes += [{"document": path, "what": "removed", "members": {}} for path in gone]
        if changes:
            entry = ChangeEntry(self, action)
            with _ending(entry):
                entry.tell(changes)

    def present(self, paths: Iterable[str]) -> dict[str, Document | UnreadableError]:
        """Return the documents as they now stand, by path; without those that are gone."""
        return dict(self._documents.read_many(paths))

    def made(self, changes: list[dict[str, Any]]) -> list[bool]:
        """Return whether each change is made, as the documents now stand."""
        return [is_made(self._documents, each) for each in changes]


@contextmanager
def _ending(entry: ChangeEntry) -> Iterator[None]:
    try:
        yield
    except LtictlError as error:
        entry.end(Outcome.FAILED, error=error.code)
        raise
    except Exception:
        entry.end(Outcome.FAILED, error="internal_error")
        raise
    except BaseException:
        entry.end(Outcome.INTERRUPTED)
        raise
    entry.end(Outcome.DONE)


def _change(path: str, before: Document | None, after: Document | None) -> dict[str, Any] | None:
    members = differences(before, after)
    if not members and before is not None and after is not None:
        return None
    what = "added" if before is None else "removed" if after is None else "changed"
    kind, _, name = path.partition("/")
    state: Mapping[str, Any] = after or before or {}
    organization = name if kind == "organizations" else str(state.get("organization") or "")
    return {"document": path, "what": what, "organization": organization, "members": members}


def _is_dead(opened: OpenEntry, here: str) -> bool:
    if opened.host == here and opened.pid == os.getpid():
        return opened.entry not in _living
    if opened.host == here and os.name != "nt":
        return not _lives(opened.pid)
    return datetime.fromisoformat(opened.at) < _now() - _FOREIGN_FOR


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's process
        return True
    return True


def _now() -> datetime:
    return datetime.now(UTC)
