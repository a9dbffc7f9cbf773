"""The difference between two descriptions of an LMS, member by member, as commands show it."""

from collections.abc import Iterable

from msgspec import Struct


class MemberEdit(Struct, frozen=True):
    """One member whose value changes; empty where it has no value."""

    member: str
    now: str
    wanted: str


def edits_between(before: Struct, after: Struct, names: Iterable[str]) -> tuple[MemberEdit, ...]:
    """Return an edit for each of the named members that differs, in their order."""
    values = ((name, str(getattr(before, name)), str(getattr(after, name))) for name in names)
    return tuple(MemberEdit(name, now, wanted) for name, now, wanted in values if now != wanted)
