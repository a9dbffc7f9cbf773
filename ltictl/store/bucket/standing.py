"""The document that describes a store: its id, its layout, its last check, its new place."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from ltictl import __version__
from ltictl.errors import InvalidValueError, LtictlError, UnreadableError
from ltictl.model.record import replace
from ltictl.store.bucket.conformance import Rule, broken, check_rules
from ltictl.store.bucket.objects import Objects, PassingError, Tag
from ltictl.store.bucket.patience import Patience, patiently
from ltictl.store.bucket.refusals import unreachable
from ltictl.store.document_text import parse_document, render_document
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import CHECKS, SETTINGS, object_of
from ltictl.store.records import document_of, record_of
from ltictl.store.refusals import moved

LAYOUT: Final = 1
# A writer reads the document once in this time. A move marks the store, waits for longer, and
# copies then: no run writes a document behind the copy.
LEASE: Final = 60.0  # seconds for which a writer relies on what it saw
_STANDING: Final = "store"


class Standing(Struct, frozen=True):
    """A store in the words of its own document.

    Attributes:
        id: random, made once; sealing binds each secret to it.
        layout: of the names and documents in it.
        created_at: when it was first used.
        checked_at: when it last kept all rules.
        checked_with: the version of ltictl that saw it.
        moved_to: the place that took over, empty if none did.
    """

    id: str
    layout: int
    created_at: datetime
    checked_at: datetime
    checked_with: str
    moved_to: str = ""


class StandingDocument:
    """The standing of one store.

    Args:
        objects: the store.
        seconds: patience with a store that is out of reach.
        memory: a file of this machine that remembers it between runs; ``None`` for none.
    """

    def __init__(self, objects: Objects, seconds: float, memory: Path | None = None) -> None:
        self._objects = objects
        self._seconds = seconds
        self._memory = memory
        self._known: Standing | None = None
        self._seen = 0.0
        self._answered = False

    def read(self) -> Standing | None:
        """Return the present standing, ``None`` for a store that was never used.

        Raises:
            LtictlError: the store is of a newer layout, damaged, refused, or out of reach.
        """
        found = self._found()
        return None if found is None else found[0]

    def require_answer(self) -> None:
        """Raise an error where the server is no object storage; it is asked once in a run.

        Raises:
            LtictlError: as in ``read``.
        """
        if self._known is None and not self._answered:
            self.read()
            self._answered = True

    def require_writable(self) -> Standing:
        """Return the standing, at most a minute old; check a store at its first use.

        Raises:
            LtictlError: it breaks a rule, holds foreign objects, was moved, or is newer.
        """
        # A clock that was set back gives a negative age, which counts as too old.
        if self._known is None or not 0 <= time.time() - self._seen <= LEASE:
            self._recall()
        if self._known is None:
            self._remember(self.read() or self._begin())
        assert self._known is not None  # noqa: S101  _remember sets it
        if self._known.moved_to:
            raise moved(self._objects.place, self._known.moved_to)
        return self._known

    def identity(self) -> str:
        """Return the id of the store, also of one that was moved.

        Raises:
            LtictlError: as in ``require_writable``.
        """
        if self._known is None:
            self._recall()
        if self._known is None:
            found = self.read()
            if found is None:
                return self.require_writable().id
            self._remember(found)
        assert self._known is not None  # noqa: S101  _remember sets it
        return self._known.id

    def check(self) -> tuple[Rule, ...]:
        """Check the rules again, and record the time.

        Raises:
            LtictlError: ``store_unsafe``, or as in ``read``.
        """
        # The rules before the document, so that no store counts as checked that has not been.
        rules = self._kept_rules()
        if self._found() is None:
            self._remember(self._begin(checked=True))
            return rules
        self._change(lambda known: replace(known, checked_at=_now(), checked_with=__version__))
        return rules

    def mark_moved(self, place: str) -> None:
        """Mark the store as moved to ``place``, or as in use again where it is empty.

        Raises:
            LtictlError: it could not be written.
        """
        self._change(lambda known: replace(known, moved_to=place))

    def _change(self, edit: Callable[[Standing], Standing]) -> None:
        patience = Patience(self._seconds)
        while True:
            found = self._found()
            if found is None:
                raise unreachable(self._objects.place)
            standing, tag = found
            try:
                self._objects.put(object_of(_STANDING), _rendered(edit(standing)), tag)
            # A conflict may be this run's own write, whose answer was lost: the next read shows it.
            except (ConflictError, PassingError):
                if not patience.pause():
                    raise unreachable(self._objects.place) from None
            else:
                self._remember(edit(standing))
                return

    def _found(self) -> tuple[Standing, Tag] | None:
        try:
            data, tag = patiently(
                lambda: self._objects.get(object_of(_STANDING)), self._seconds, self._objects.place
            )
        except MissingError:
            return None
        return self._read(data), tag

    def _read(self, data: bytes) -> Standing:
        place = f"{self._objects.place}/{object_of(_STANDING)}"
        document = parse_document(place, data)
        # Before the record is read: a newer layout may hold members that this one refuses.
        layout = document.get("layout")
        if isinstance(layout, int) and layout > LAYOUT:
            raise UnreadableError(
                "newer_layout",
                f"{self._objects.place} has layout {layout}; this ltictl knows {LAYOUT}.",
                why="A newer ltictl made or upgraded it.",
                fix="Upgrade ltictl on this machine.",
            )
        try:
            return record_of(Standing, document)
        except InvalidValueError as error:
            raise UnreadableError(
                "damaged_document",
                f"{place}: {error}",
                why="The document was edited by hand, or a copy went wrong.",
                fix="Restore an earlier version of that object.",
            ) from error

    def _begin(self, *, checked: bool = False) -> Standing:
        """Check a new store, and write its document."""
        _require_own(self._objects)
        if not checked:
            self._kept_rules()
        now = _now()
        # Random, and no digest of the address: a copy of the store is another store to the sealing.
        fresh = Standing(os.urandom(16).hex(), LAYOUT, now, now, __version__)
        patience = Patience(self._seconds)
        while True:
            try:
                self._objects.put(object_of(_STANDING), _rendered(fresh), None)
            except ConflictError:  # another run began it meanwhile, or this one a moment ago
                found = self.read()
                if found is not None:
                    return found
            except PassingError:
                pass
            else:
                return fresh
            if not patience.pause():
                raise unreachable(self._objects.place)

    def _kept_rules(self) -> tuple[Rule, ...]:
        patience = Patience(self._seconds)
        while True:
            try:
                # Again as a whole: each check works on objects of its own.
                rules = check_rules(self._objects)
            except PassingError:
                if not patience.pause():
                    raise unreachable(self._objects.place) from None
            else:
                break
        if not all(rule.kept for rule in rules):
            raise broken(self._objects.place, rules)
        return rules

    def _remember(self, standing: Standing) -> None:
        from ltictl.store.files import make_folder, write_whole

        self._known, self._seen = standing, time.time()
        if self._memory is None:
            return
        note = {"seen": self._seen, "standing": _rendered(standing).decode()}
        try:
            make_folder(self._memory.parent)
            write_whole(self._memory, json.dumps(note).encode())
        except (LtictlError, OSError):  # without a memory each run asks once more
            return

    def _recall(self) -> None:
        self._known = None
        if self._memory is None:
            return
        try:
            note = json.loads(self._memory.read_bytes())
            seen = float(note["seen"])
            if 0 <= time.time() - seen <= LEASE:
                self._known, self._seen = self._read(str(note["standing"]).encode()), seen
        except (OSError, ValueError, KeyError, TypeError, LtictlError):
            return


def _rendered(standing: Standing) -> bytes:
    return render_document(document_of(standing))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _require_own(objects: Objects) -> None:
    """Refuse a place that holds foreign objects."""
    # A misspelt prefix could mix two stores.
    ours = {object_of(SETTINGS), object_of(_STANDING)}
    try:
        found = (each.name for each in objects.list(""))
        foreign = next(
            (name for name in found if name not in ours and not name.startswith(f"{CHECKS}/")), None
        )
    except PassingError:
        raise unreachable(objects.place) from None
    if foreign is not None:
        raise LtictlError(
            "store_foreign",
            f"{objects.place} holds objects that are not ltictl's, such as {foreign[:80]!r}.",
            why="The address is another one than was meant, or the prefix is missing.",
            fix="Name an empty prefix of the bucket, as in s3://bucket/prefix.",
        )
