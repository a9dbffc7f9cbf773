"""The proof that a change was made, and that no line is missing, from lines and documents; pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from ltictl.store.document_text import Document
from ltictl.store.layout import is_numbered
from ltictl.store.log.chain import Placed, change_of, damage_of
from ltictl.store.log.lines import (
    AFTER,
    MARK,
    NAME,
    Line,
    LineKind,
    line_name,
    mark_of,
)
from ltictl.store.log.outcome import integrations_in, shows
from ltictl.store.log.parts import body_digest

FORMER: Final = "former"  # the mark of its writer's line before


class Proof:
    """The changes of some lines, and which of them the lines and documents prove.

    Args:
        lines: all readable ones.

    Attributes:
        documents: as they now stand, by path.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self.documents: Mapping[str, Document] = {}
        # A line that names another one as the mark of its document saw that change made.
        self._before: dict[tuple[str, str], str] = {}
        for line in lines:
            for change, former in _changes_of(line):
                self._before[change["document"], line_name(line)] = _name(former)
        self._seen = {(path, before) for (path, _), before in self._before.items() if before}

    def unproved(self, lines_by_entry: Mapping[str, Sequence[Line]]) -> set[str]:
        """Return the paths of the changes that only their documents can prove."""
        return {
            change["document"]
            for parts in lines_by_entry.values()
            for line in parts
            for change, _ in _changes_of(line)
            if (change["document"], line_name(line)) not in self._seen
        }

    def is_made(self, line: Line, change: Mapping[str, Any], former: str) -> bool:
        """Return whether a change of a line was made.

        Args:
            line: the line.
            change: one of its changes.
            former: the mark that the document carried before it.
        """
        path = change["document"]
        document = self.documents.get(path)
        if change["what"] == "removed":
            return document is None or self._was_made_anew(path, document, _name(former))
        if (path, line_name(line)) in self._seen:
            return True
        if document is None:
            return False
        if MARK in document:
            return _name(str(document[MARK])) == line_name(line)
        # An older ltictl wrote it since, which keeps no mark.
        return shows(document, change)

    def _was_made_anew(self, path: str, document: Document, removed: str) -> bool:
        """Return whether a document began after a removal: its marks do not reach back to it."""
        name = _name(str(document.get(MARK, "")))
        passed = set()
        while name and name not in passed:
            if name == removed:
                return False
            passed.add(name)
            name = self._before.get((path, name), "")
        return bool(passed and removed)


def end_of(parts: Sequence[Line], proof: Proof) -> Line | None:
    """Return the end of an entry whose changes are all made, ``None`` where that is not proved.

    Args:
        parts: its lines.
        proof: with the documents that it needs.
    """
    begin = parts[0]
    changes = [(line, *each) for line in parts for each in _changes_of(line)]
    if begin.kind is not LineKind.BEGIN or begin.body.get("ends") or not changes:
        return None
    made = [proof.is_made(*each) for each in changes]
    # Another writer may come between: the entry then tells the change anew, and the last counts.
    last = {change["document"]: one for (_, change, _), one in zip(changes, made, strict=True)}
    if not all(last.values()):
        return None
    body = {
        NAME: f"{begin.entry}-end",
        FORMER: mark_of(parts[-1]),
        "outcome": "done",
        "made": made,
        "integrations": integrations_in(change for _, change, _ in changes),
    }
    # Without a salt, since it is made anew at each look and must be the same.
    return Line(LineKind.END, 0, begin.entry, parts[-1].at, "", (), body_digest(body), body)


def in_order(placed: Sequence[Placed]) -> list[Placed]:
    """Return lines so that each stands behind those that it names; clocks of machines differ.

    Args:
        placed: in the order of their times.
    """
    named = {line_name(line): (place, line) for place, line in placed if line}
    ordered: dict[str, Placed] = {}
    entered: set[str] = set()  # forged lines may name each other in a circle
    for each in placed:
        waiting = [each]
        while waiting:
            at, top = waiting[-1]
            entered.add(at)
            names = map(_name, _marks_named(top) if top else ())
            first = [named[name] for name in names if name in named]
            first = [other for other in first if other[0] not in entered]
            waiting += first
            if not first:
                ordered.setdefault(at, waiting.pop())
    return list(ordered.values())


def breaks_between(
    placed: Sequence[Placed], marks: Mapping[str, str], place_of: Callable[[str], str]
) -> Iterator[str]:
    """Yield one sentence for each line that was changed, or that another thing names in vain.

    Args:
        placed: the stored lines.
        marks: the mark in each document, by its path.
        place_of: returns the place of a document for people.
    """
    known = {line_name(line): line for _, line in placed if line}
    for place, line in placed:
        if is_numbered(place):
            continue  # the chain of the numbers covers it
        if line is None:
            yield damage_of(place)
        elif not line.is_intact or not place.endswith(f"/{line_name(line)}"):
            yield change_of(place)
    naming = [(place, mark) for place, line in placed if line for mark in _marks_named(line)]
    carrying = [(place_of(path), mark) for path, mark in marks.items() if mark]
    yield from _named_in_vain((*naming, *carrying), known)
    documents = {
        name: {change["document"] for change, _ in _changes_of(known[name])} for name in known
    }
    for path, mark in marks.items():
        # Two documents that changed places carry good marks, and nobody may have told of them.
        if path not in documents.get(_name(mark), {path}):
            yield f"{place_of(path)} was put there: it carries the mark of another document."


def _named_in_vain(naming: Iterable[tuple[str, str]], known: Mapping[str, Line]) -> Iterator[str]:
    for place, mark in naming:
        name = _name(mark)
        if name not in known:
            yield f"{name} is gone: {place} names it."
        elif mark_of(known[name]) != mark:
            yield f"{name} was changed: {place} carries another digest."


def _marks_named(line: Line) -> Iterator[str]:
    """Yield the marks of the lines that a line stands behind."""
    if line.body.get(FORMER):
        yield str(line.body[FORMER])
    yield from (former for _, former in _changes_of(line) if former)


def _changes_of(line: Line) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield each change of a line, and the mark that its document carried before."""
    changes, former = (_list(line.body.get(name)) for name in ("changes", AFTER))
    for change, mark in zip_longest(changes, former[: len(changes)], fillvalue=""):
        # A forged line may have any form.
        if isinstance(change, dict) and isinstance(change.get("document"), str):
            yield {"what": "", **change}, str(mark)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(mark: str) -> str:
    return mark.partition(" ")[0]
