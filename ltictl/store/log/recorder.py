"""Records every change of a document in the log before it is made, and its outcome afterwards.

An entry is begun, durably, with the coming changes; its outcome follows. A process that died
in between leaves an open entry: the next entry finds it and compares the documents with it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from ltictl.errors import LtictlError, UnreadableError
from ltictl.model.author import Author
from ltictl.model.moment import rfc3339
from ltictl.store.log.debtor import is_dead
from ltictl.store.log.differences import change_between
from ltictl.store.log.lines import AFTER, MARK, Line, LineKind, OpenEntry, mark_of
from ltictl.store.log.outcome import EntryOutcome, changes_in, integrations_in, is_made

if TYPE_CHECKING:
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.bucket.log import SharedLog
    from ltictl.store.folder import Folder
    from ltictl.store.log.file_log import FileLog

Document = Mapping[str, Any]
State = tuple[str, Document | None, Document | None]  # path, before, after
# The open entries of this process. Its process id lives on after a turn that was cut off, so that
# the id alone would keep such an entry open for as long as a service runs.
_living: set[str] = set()
# A variable of the context, since threads of a service each carry out a change of their own.
_current: "ContextVar[ChangeEntry | None]" = ContextVar("current_entry", default=None)


class ChangeEntry:
    """One entry while its changes are made; nothing is written before the first of them.

    Args:
        recorder: of the profile.
        action: the kind of change, for people to search by; the block may correct it.
        ends: returns whether the entry needs an end in any case, since a hook follows.

    Attributes:
        opening: further members of the beginning.
        closing: further members of the end, such as the result of the hook.
        along: later changes, which share the line of the next one.
    """

    def __init__(
        self, recorder: "Recorder", action: str, ends: Callable[[], bool] = lambda: False
    ) -> None:
        self.recorder = recorder
        self.action = action
        self.opening: dict[str, Any] = {}
        self.closing: dict[str, Any] = {}
        self.along: Sequence[State] = ()
        self._ends = ends
        self._opened: OpenEntry | None = None
        self._begun: dict[str, Any] = {}
        self._changes: list[dict[str, Any]] = []
        self._noted: list[tuple[dict[str, Any], str]] = []  # with the former mark of each
        self._marks: dict[str, str] = {}  # of the line that told of each document
        self._unmade: set[str] = set()
        self._turn = Lock()  # a shared store changes documents side by side

    def note(self, path: str, before: Document | None, after: Document) -> Document:
        """Tell of one change, before it is made; once more where another writer came between.

        Returns:
            The document to be stored, which may carry the mark of its line.

        Raises:
            LtictlError: it could not be written; the change must not be made.
        """
        self.note_each([(path, before, after)])
        if not self.recorder.log.marks_documents:
            return after
        # A change that the log does not tell of, such as a look, leaves the former mark.
        mark = self._marks.get(path) or (before or {}).get(MARK, "")
        return {**after, MARK: mark} if mark else after

    def note_each(self, states: "Sequence[State]") -> None:
        """``note`` for several changes at once."""
        marks = self.recorder.log.marks_documents
        with self._turn:
            states, self.along = (*states, *self.along), ()
            news: list[tuple[dict[str, Any], str]] = []
            for path, before, after in states:
                change = change_between(path, before, after)
                former = str((before or {}).get(MARK, "")) if marks else ""
                # A second try after a conflict makes the same change, which has its line already.
                known = change is None or (change, former) in (*self._noted, *news)
                news += [] if change is None or known else [(change, former)]
            if not news:
                return
            changes = [change for change, _ in news]
            # The line first: where it fails, nothing below counts the change as told.
            mark = self.tell(changes, [former for _, former in news])
            paths = {each["document"] for each in changes}
            self._noted += news
            self._changes += changes
            self._marks |= dict.fromkeys(paths, mark)
            self._unmade |= paths

    def confirm(self, *paths: str) -> None:
        """Record that the last changes of these documents are made."""
        with self._turn:
            self._unmade -= set(paths)

    def begin(self) -> None:
        """Begin the entry without a change of a document: what changes lies elsewhere.

        Raises:
            LtictlError: it could not be written.
        """
        with self._turn:
            if self._opened is None:
                self.tell([])

    def end(self, outcome: EntryOutcome, error: str = "") -> None:
        """Tell the outcome; where that fails, the next entry makes up for it.

        Args:
            outcome: of all its changes together.
            error: code of the error, empty for none.
        """
        if self._opened is None:
            return
        # A shared store saves the request for an end that its documents prove.
        if outcome is not EntryOutcome.DONE or not self._is_proved():
            body: dict[str, Any] = {"action": self.action, "outcome": outcome.value, **self.closing}
            body |= {"error": error} if error else {}
            # The documents are changed by now: an end that cannot be written must not fail the
            # command, and the next entry finds this one open.
            with suppress(LtictlError):
                if outcome is not EntryOutcome.DONE or self._unmade:
                    body["made"] = self._made(doubtful=outcome is not EntryOutcome.DONE)
                self.recorder.append(LineKind.END, self._opened, body)
        _living.discard(self._opened.entry)

    def _made(self, *, doubtful: bool) -> list[bool]:
        """Return for each change whether it was made.

        Args:
            doubtful: whether one that is not confirmed may be made all the same.
        """
        # Of several changes of one document, only the last one can stand.
        last = {each["document"]: each for each in self._changes}
        return [
            each is last[each["document"]]
            and (
                each["document"] not in self._unmade
                or (doubtful and all(self.recorder.made([each])))
            )
            for each in self._changes
        ]

    def _is_proved(self) -> bool:
        """Return whether the marked documents say all that the end would say."""
        integrations = self.closing.get("integrations", [])
        return (
            self.recorder.log.marks_documents
            and bool(self._changes)
            and not self._unmade
            and not self._begun.get("ends")
            and self._begun["action"] == self.action
            and integrations in ([], integrations_in(self._changes))
        )

    def tell(self, changes: list[dict[str, Any]], former: Sequence[str] = ()) -> str:
        """Write down changes as they are given.

        Args:
            changes: what the line tells.
            former: the mark that the document of each change carried.

        Returns:
            The mark of the line.

        Raises:
            LtictlError: they could not be written.
        """
        members = {"changes": changes, **({AFTER: list(former)} if any(former) else {})}
        if self._opened is not None:
            line = self.recorder.append(LineKind.MORE, self._opened, members)
        else:
            self._begun = {"action": self.action, **self.opening}
            self._begun |= {"ends": True} if self._ends() else {}
            self._opened, line = self.recorder.begin({**self._begun, **members})
        return mark_of(line)


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
    def entry(
        self, action: str = "", ends: Callable[[], bool] = lambda: False
    ) -> Iterator[ChangeEntry]:
        """Let all changes of the block be one entry; the block may end it with more to tell.

        Args:
            action: as of ``ChangeEntry``, empty for the command's name.
            ends: as of ``ChangeEntry``.
        """
        entry = ChangeEntry(self, action or self._author().action, ends)
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
        # A copy reads one profile and writes another: each has its log, and its own entry.
        if around is not None and around.recorder is self:
            yield around
            return
        entry = ChangeEntry(self, self._author().action)
        with _ending(entry):
            yield entry

    def begin(self, members: Mapping[str, Any]) -> tuple[OpenEntry, Line]:
        """Write the first line of an entry, durably, and settle those that others left open.

        Raises:
            LtictlError: it could not be written.
        """
        author = self._author()
        opened = OpenEntry(os.urandom(8).hex(), author.host, os.getpid(), rfc3339(_now()))
        body = {"author": asdict(author), **members}
        # Before the line: a thread that reads the line must not take its entry for a dead one.
        _living.add(opened.entry)
        try:
            line = self.append(LineKind.BEGIN, opened, body)
        except BaseException:
            _living.discard(opened.entry)
            raise
        # Here, since the line names the open entries: a look of its own would cost another read.
        self.settle(tuple(each for each in line.open if each.entry != opened.entry))
        return opened, line

    def append(self, kind: LineKind, entry: OpenEntry, body: dict[str, Any]) -> Line:
        """Write one line; an end need not be durable.

        Raises:
            LtictlError: it could not be written.
        """
        at = rfc3339(_now())
        # A lost end is made up for by the next entry; to sync it would cost each command a sync.
        return self.log.write(kind, entry, at, body, durable=kind is not LineKind.END)

    def settle(self, opened: tuple[OpenEntry, ...]) -> int:
        """Write the outcome of entries whose processes died; how many that were."""
        here = self._author().host
        left = tuple(each for each in opened if is_dead(each, here, _living, _now()))
        dead: dict[str, OpenEntry] = {}
        with suppress(LtictlError):
            # Another thread may have ended its entry since the line that named it as open.
            dead |= {each.entry: each for each in (self.log.still_open(left) if left else ())}
            lines = (line for _, line in self.log.lines() if line)
            changes_by_entry = changes_in(lines, dead) if dead else {}
            for entry, changes in changes_by_entry.items():
                body = {"outcome": EntryOutcome.INTERRUPTED.value, "made": self.made(changes)}
                self.append(LineKind.END, dead[entry], body)
        return len(dead)

    def add_noticed(
        self,
        action: str,
        edits: Mapping[str, Mapping[str, Any]],
        removed: Sequence[str],
    ) -> None:
        """Tell of changes that somebody made by other means.

        Args:
            action: the kind of the entry.
            edits: document -> member -> the value that the log knew and the present one.
            removed: documents that are not there any more.

        Raises:
            LtictlError: it could not be written.
        """
        changes = [
            {"document": path, "what": "changed", "members": dict(members)}
            for path, members in edits.items()
        ]
        changes += [{"document": path, "what": "removed", "members": {}} for path in removed]
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
        entry.end(EntryOutcome.FAILED, error=error.code)
        raise
    except Exception:
        entry.end(EntryOutcome.FAILED, error="internal_error")
        raise
    except BaseException:  # Ctrl-C or a signal: the documents show how far it came
        entry.end(EntryOutcome.INTERRUPTED)
        raise
    entry.end(EntryOutcome.DONE)


def _now() -> datetime:
    return datetime.now(UTC)
