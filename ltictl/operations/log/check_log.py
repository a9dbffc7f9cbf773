"""Check the log: its chain of digests, its open entries, and the documents against it."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ltictl.errors import UnreadableError
from ltictl.operations.context import Context
from ltictl.operations.log.entries import entries_of, last_logged
from ltictl.store.log.chain import Placed
from ltictl.store.log.differences import logged_members
from ltictl.store.log.erasure import Erasure, erasures_in, is_covered
from ltictl.store.log.lines import OpenEntry, digest
from ltictl.store.log.parts import replaced_keys


class UnloggedChange(Struct, frozen=True):
    """A member of a document whose value differs from the last one in the log."""

    document: str
    member: str
    logged: object
    found: object


class LogFindings(Struct, frozen=True):
    """The findings of a check.

    Attributes:
        lines: how many lines there are.
        entries: how many entries they tell of.
        head: digest of the last line; noted elsewhere, it shows later that nothing was cut off.
        broken: what does not fit, one sentence each.
        open: entries without an outcome.
        unlogged: changes without an entry.
        erasures: what 'org erase' replaced in lines.
    """

    lines: int
    entries: int
    head: str
    broken: tuple[str, ...]
    open: tuple[OpenEntry, ...]
    unlogged: tuple[UnloggedChange, ...]
    erasures: tuple[Erasure, ...] = ()


def check_log(context: Context) -> LogFindings:
    """Check the whole log; nothing is changed.

    Raises:
        LtictlError: the log cannot be read.
    """
    context.profile.require()
    log = context.profile.log
    placed = list(log.lines())
    lines = [line for _, line in placed if line]
    entries = entries_of(lines)
    stored = [line for place, line in placed if place]
    heads = [line for line in stored if line]
    erasures = tuple(erasures_in(lines))
    return LogFindings(
        len(stored),
        len(entries),
        digest(heads[-1]) if heads else "",
        (*log.breaks(placed), *_unaccounted(placed, erasures)),
        log.open_entries(lines),
        tuple(_unlogged(context, last_logged(lines, entries, {each.alias for each in erasures}))),
        erasures,
    )


def _unaccounted(placed: Sequence[Placed], erasures: Sequence[Erasure]) -> Iterator[str]:
    for place, line in placed:
        if line and line.is_intact and replaced_keys(line.body) and not is_covered(line, erasures):
            yield f"{place} was changed: it says that it was erased, and no entry accounts for it."


def _unlogged(
    context: Context, logged: Mapping[str, Mapping[str, object]]
) -> Iterator[UnloggedChange]:
    """Yield the members that differ from the log; documents that it does not know do not count."""
    documents = context.profile.recorder.present(logged)
    for path, members in logged.items():
        document = documents.get(path)
        if isinstance(document, UnreadableError):
            continue  # 'doctor' tells of it
        if document is None:
            yield UnloggedChange(path, "", "there", "gone")
            continue
        found = logged_members(document)
        for member, value in members.items():
            if found.get(member) != value:
                yield UnloggedChange(path, member, value, found.get(member))
