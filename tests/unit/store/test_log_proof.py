"""The lines of a shared store and its documents prove each other: tampering shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.model.record import replace
from ltictl.store.bucket.log_proof import FORMER, breaks_between, in_order
from ltictl.store.layout import LOG
from ltictl.store.log.chain import Placed
from ltictl.store.log.lines import (
    AFTER,
    NAME,
    Line,
    LineKind,
    OpenEntry,
    line_name,
    lone_line,
    mark_of,
)
from ltictl.store.log.parts import body_digest

PATHS = ("integrations/a", "integrations/b", "organizations/a")
AT = "2026-01-31T12:00:00Z"


@dataclass
class Written:
    """A log that some writers wrote, and the marks of the documents that they changed."""

    placed: list[Placed] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)  # by writer

    def write(self, writer: int, paths: list[str]) -> None:
        """One line of a writer, who then changes these documents."""
        name = f"c{len(self.placed):016d}"
        changes = [{"document": each, "what": "changed", "members": {}} for each in paths]
        body: dict[str, Any] = {NAME: name, "changes": changes}
        body |= {AFTER: [self.marks.get(each, "") for each in paths]}
        body |= {FORMER: self.last[writer]} if writer in self.last else {}
        entry = OpenEntry(f"e{len(self.placed)}", "host", writer, AT)
        line = lone_line(LineKind.BEGIN, entry, AT, body)
        self.placed.append((f"{LOG}/{name}", line))
        self.last[writer] = mark_of(line)
        self.marks |= dict.fromkeys(paths, mark_of(line))

    def breaks(self) -> list[str]:
        return list(breaks_between(self.placed, self.marks, str))


BRIEF = settings(max_examples=40)
CHANGES = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.sampled_from(PATHS), min_size=1, unique=True)),
    min_size=1,
    max_size=8,
)


def write_all(changes: list[tuple[int, list[str]]]) -> Written:
    found = Written()
    for writer, paths in changes:
        found.write(writer, paths)
    return found


LOGS = CHANGES.map(write_all)


def line_at(log: Written, at: int) -> Line:
    line = log.placed[at][1]
    assert line is not None
    return line


def forged(line: Line, body: dict[str, Any]) -> Line:
    """As somebody makes it who knows how digests are made."""
    return replace(line, body=body, body_sha256=body_digest(body))


EDITS: dict[str, Callable[[Line], Line]] = {
    "a body with the former digest": lambda line: replace(line, body={**line.body, "x": 1}),
    "a body with its digest": lambda line: forged(line, {**line.body, "x": 1}),
    "other changes with their digest": lambda line: forged(line, {**line.body, "changes": []}),
    "another time": lambda line: replace(line, at="2026-01-31T12:00:01Z"),
    "another entry": lambda line: replace(line, entry="e"),
    "another kind": lambda line: replace(line, kind=LineKind.MORE),
}


@BRIEF
@given(LOGS)
def test_untouched_lines_and_documents_fit(log: Written) -> None:
    assert log.breaks() == []


@BRIEF
@given(LOGS, st.data())
def test_lines_that_are_taken_out_show(log: Written, data: st.DataObject) -> None:
    numbers = st.integers(0, len(log.placed) - 1)
    gone = data.draw(st.sets(numbers, min_size=1))
    names = {line_name(line_at(log, each)) for each in gone}
    log.placed = [each for number, each in enumerate(log.placed) if number not in gone]

    assert any(name in each for name in names for each in log.breaks())


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@BRIEF
@given(log=LOGS, data=st.data())
def test_a_line_that_is_changed_shows(
    edit: Callable[[Line], Line], log: Written, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(log.placed) - 1))
    place, line = log.placed[at]
    assert line is not None
    log.placed[at] = place, edit(line)

    assert any(line_name(line) in each for each in log.breaks())


@BRIEF
@given(LOGS, st.data())
def test_lines_that_change_places_show(log: Written, data: st.DataObject) -> None:
    lines = [line for _, line in log.placed]
    other = data.draw(st.permutations(lines))
    places = [place for place, _ in log.placed]
    log.placed = list(zip(places, other, strict=True))

    assert bool(log.breaks()) == (other != lines)


@BRIEF
@given(LOGS)
def test_a_damaged_line_shows(log: Written) -> None:
    log.placed[0] = log.placed[0][0], None

    assert any("damaged" in each for each in log.breaks())


@BRIEF
@given(LOGS, st.data())
def test_documents_that_change_places_show(log: Written, data: st.DataObject) -> None:
    paths = sorted(log.marks)
    one, other = (data.draw(st.sampled_from(paths)) for _ in range(2))
    by_path = {
        each: {change["document"] for change in line.body["changes"]}
        for each in (one, other)
        for _, line in log.placed
        if line is not None and mark_of(line) == log.marks[each]
    }
    log.marks[one], log.marks[other] = log.marks[other], log.marks[one]

    # Documents of one line carry the same mark: their contents differ, and 'untold' shows it.
    assert bool(log.breaks()) == (
        not {one, other} <= by_path[one] or not {one, other} <= by_path[other]
    )


@BRIEF
@given(LOGS, st.sampled_from(PATHS), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_document_with_an_invented_mark_shows(log: Written, path: str, digest: str) -> None:
    log.marks[path] = f"{line_name(line_at(log, 0))} {digest}"

    assert log.breaks()


@BRIEF
@given(LOGS, st.data())
def test_each_line_stands_behind_those_that_it_names_however_clocks_went(
    log: Written, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(log.placed))

    ordered = in_order(shuffled)

    assert sorted(place for place, _ in ordered) == sorted(place for place, _ in log.placed)
    seen: set[str] = set()
    for _, line in ordered:
        assert line is not None
        named = {line.body.get(FORMER, ""), *line.body[AFTER]} - {""}
        assert {each.partition(" ")[0] for each in named} <= seen
        seen.add(line_name(line))
