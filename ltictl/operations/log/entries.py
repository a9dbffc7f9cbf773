"""Entries of the log, put together from its lines."""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from ltictl.model.author import Author
from ltictl.model.record import replace
from ltictl.store.log.lines import Line, LineKind
from ltictl.store.log.outcome import EntryOutcome


class LoggedChange(Struct, frozen=True):
    """One change of one document.

    Attributes:
        document: the kind and the name: ``integrations/acme-moodle``.
        what: ``added``, ``changed`` or ``removed``.
        organization: its slug, empty for none.
        members: dotted name -> the value before and the value after.
        made: whether it was made, ``None`` while that is unknown.
    """

    document: str
    what: str
    organization: str = ""
    members: dict[str, tuple[Any, Any]] = {}
    made: bool | None = None

    @property
    def name(self) -> str:
        """The document's name without its kind."""
        return self.document.partition("/")[2]


class LogEntry(Struct, frozen=True):
    """One change of the profile.

    Attributes:
        id: random.
        at: the moment before the first change.
        action: its kind.
        author: who made it, by which command.
        outcome: of all its changes together.
        changes: of documents, in order.
        integrations: ids of the integrations that the hook received.
        error: code of the error that ended it, empty for none.
        hook: ``done``, the hook's failure, or empty where none ran.
    """

    id: str
    at: datetime
    action: str
    author: Author
    outcome: EntryOutcome = EntryOutcome.UNKNOWN
    changes: tuple[LoggedChange, ...] = ()
    integrations: tuple[str, ...] = ()
    error: str = ""
    hook: str = ""

    def concerns(self, name: str) -> bool:
        """Return whether it is about an integration, or another thing of that name."""
        return name in self.integrations or any(each.name == name for each in self.changes)

    def concerns_organization(self, slug: str) -> bool:
        """Return whether it is about an organization or something that belongs to it."""
        return any(each.organization == slug for each in self.changes)


def entries_of(lines: Iterable[Line]) -> list[LogEntry]:
    """Return the entries that the lines tell of, in the order in which they began."""
    found: dict[str, LogEntry] = {}
    for line in lines:
        if line.kind is LineKind.BEGIN:
            found[line.entry] = _begun(line)
        elif line.entry in found:
            found[line.entry] = _continued(found[line.entry], line)
    return list(found.values())


def last_logged(
    lines: Iterable[Line], entries: Iterable[LogEntry], aliases: Collection[str]
) -> dict[str, dict[str, object]]:
    """Return the last logged value of each member, by document, where it is known.

    Args:
        lines: in their order; entries of several writers may overlap.
        entries: those of these lines.
        aliases: pseudonyms, of which nothing is to be found.
    """
    changes = {each.id: iter(each.changes) for each in entries}
    logged: dict[str, dict[str, object]] = {}
    for line in lines:
        # The entries carry the outcome, the lines the order. Both are walked in step, since the
        # lines of several writers alternate.
        for change in islice(changes.get(line.entry, iter(())), len(_changes(line))):
            if change.made is False or change.organization in aliases:
                continue
            # An open entry may have left either state.
            if change.what == "removed" or change.made is None:
                logged.pop(change.document, None)
                continue
            members = {name: after for name, (_, after) in change.members.items()}
            logged.setdefault(change.document, {}).update(members)
    return logged


def _begun(line: Line) -> LogEntry:
    author = _converted(line.body.get("author"), Author) or Author()
    action = str(line.body.get("action", ""))
    at = datetime.fromisoformat(line.at)
    return LogEntry(line.entry, at, action, author, changes=_changes(line))


def _continued(entry: LogEntry, line: Line) -> LogEntry:
    if line.kind is LineKind.MORE:
        return replace(entry, changes=(*entry.changes, *_changes(line)))
    body = line.body
    outcome = _converted(body.get("outcome"), EntryOutcome) or EntryOutcome.UNKNOWN
    return replace(
        entry,
        action=str(body.get("action") or entry.action),
        outcome=outcome,
        changes=_settled(entry.changes, outcome, body.get("made")),
        integrations=_converted(body.get("integrations"), tuple[str, ...]) or (),
        error=str(body.get("error", "")),
        hook=str(body.get("hook", "")),
    )


def _changes(line: Line) -> tuple[LoggedChange, ...]:
    return _converted(line.body.get("changes"), tuple[LoggedChange, ...]) or ()


def _settled(
    changes: tuple[LoggedChange, ...], outcome: EntryOutcome, stored: object
) -> tuple[LoggedChange, ...]:
    made = _converted(stored, list[bool]) or [outcome is EntryOutcome.DONE] * len(changes)
    if len(made) != len(changes):
        return changes
    return tuple(replace(each, made=one) for each, one in zip(changes, made, strict=True))


def _converted(value: object, kind: Any) -> Any:
    """Return a part of a body, ``None`` where it is missing or of another kind."""
    if value is None:
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
