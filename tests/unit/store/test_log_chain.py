"""The chain of numbered lines: it reports each change of one line once, at that line."""

from ltictl.model.record import replace
from ltictl.store.log.chain import chain_breaks
from ltictl.store.log.lines import Line, LineKind, OpenEntry, Tail, next_line, tail_after

ENTRY = OpenEntry("e", "host", 1, "2026-01-01T00:00:00Z")


def chain(length: int) -> list[Line]:
    lines: list[Line] = []
    tail = Tail()
    for number in range(length):
        lines.append(next_line(tail, LineKind.MORE, ENTRY, ENTRY.at, {"number": number}))
        tail = tail_after(lines[-1])
    return lines


def breaks(lines: list[Line | None]) -> list[str]:
    return list(chain_breaks((str(at), line) for at, line in enumerate(lines, 1)))


def test_a_whole_chain_has_no_break() -> None:
    assert breaks([*chain(4)]) == []


def test_a_line_that_is_missing_shows_at_the_next_one() -> None:
    first, _, *others = chain(4)

    assert breaks([first, *others]) == ["2 is line 3, where 2 was expected."]


def test_a_damaged_line_accuses_no_other() -> None:
    first, _, *others = chain(4)

    assert breaks([first, None, *others]) == ["2 is damaged."]


def test_behind_a_damaged_line_a_changed_one_still_shows() -> None:
    first, _, third, fourth, fifth = chain(5)
    changed = replace(fourth, at="2030-01-01T00:00:00Z")

    assert breaks([first, None, third, changed, fifth]) == [
        "2 is damaged.",
        "The line before 5 was changed: it carries another digest.",
    ]
