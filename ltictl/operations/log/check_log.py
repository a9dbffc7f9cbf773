"""Check the log: its chain of digests, its open entries, and the documents against it."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from ltictl.errors import UnreadableError
from ltictl.operations.context import Context
from ltictl.operations.log.entries import Entry, entries_of
from ltictl.store.log.differences import told_members
from ltictl.store.log.erasure import Erasure, erasures_in, is_covered
from ltictl.store.log.lines import Line, OpenEntry, Tail, digest, tail_after
from ltictl.store.log.parts import replaced_keys


class UntoldChange(Struct, frozen=True):
    """A member of a document that differs from what the log last told of it."""

    document: str
    member: str
    told: object
    found: object


class LogFindings(Struct, frozen=True):
    """The findings of a check.

    Attributes:
        lines: how many lines there are.
        entries: how many entries they tell of.
        head: digest of the last line; noted elsewhere, it shows later that nothing was cut off.
        broken: what does not fit, one sentence each.
        open: entries without an outcome.
        untold: changes without an entry.
        erasures: what 'org erase' replaced in lines.
    """

    lines: int
    entries: int
    head: str
    broken: tuple[str, ...]
    open: tuple[OpenEntry, ...]
    untold: tuple[UntoldChange, ...]
    erasures: tuple[Erasure, ...] = ()


def check_log(context: Context) -> LogFindings:
    """Check the whole log; nothing is changed.

    Raises:
        LtictlError: the log cannot be read.
    """
    context.profile.require()
    placed = list(context.profile.log.lines())
    lines = [line for _, line in placed if line]
    entries = entries_of(lines)
    end = tail_after(lines[-1]) if lines else Tail()
    erasures = tuple(erasures_in(lines))
    broken = tuple(_breaks(placed, erasures))
    return LogFindings(
        len(placed),
        len(entries),
        end.digest,
        broken,
        end.open,
        tuple(_untold(context, entries, {each.alias for each in erasures})),
        erasures,
    )


def _breaks(
    placed: Sequence[tuple[str, Line | None]], erasures: Sequence[Erasure]
) -> Iterator[str]:
    former: Line | None = None
    damaged = False
    for place, line in placed:
        if line is None:
            damaged = True
            yield f"{place} is damaged."
            continue
        if not line.is_intact:
            yield f"{place} was changed: its digest is another one."
        elif replaced_keys(line.body) and not is_covered(line, erasures):
            yield f"{place} was changed: it says that it was erased, and no entry accounts for it."
        expected = former.seq + 1 if former else 1
        if line.seq != expected and not damaged:
            yield f"{place} is line {line.seq}, where {expected} was expected."
        elif not damaged and line.previous != (digest(former) if former else ""):
            yield f"The line before {place} was changed: it carries another digest."
        former, damaged = line, False


def _untold(
    context: Context, entries: Sequence[Entry], aliases: Collection[str]
) -> Iterator[UntoldChange]:
    """Yield the members that differ from the log; documents that it does not know do not count."""
    told = _last_told(entries, aliases)
    documents = context.profile.recorder.present(told)
    for path, members in told.items():
        document = documents.get(path)
        if isinstance(document, UnreadableError):
            continue  # 'doctor' tells of it
        if document is None:
            yield UntoldChange(path, "", "there", "gone")
            continue
        found = told_members(document)
        for member, value in members.items():
            if found.get(member) != value:
                yield UntoldChange(path, member, value, found.get(member))


def _last_told(entries: Sequence[Entry], aliases: Collection[str]) -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = {}
    for entry in entries:
        for change in entry.changes:
            if change.made is False or change.organization in aliases:
                continue
            # An open entry may have left either state.
            if change.what == "removed" or change.made is None:
                told.pop(change.document, None)
                continue
            members = {name: after for name, (_, after) in change.members.items()}
            told.setdefault(change.document, {}).update(members)
    return told
