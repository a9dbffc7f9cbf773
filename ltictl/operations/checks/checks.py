"""What ``verify`` and ``doctor`` report: checks with a verdict, a reason and a remedy."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """Result of a check."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Check(Struct, frozen=True):
    """One check.

    Attributes:
        id: stable name.
        result: how it went.
        detail: what was found.
        fix: what to do, empty if nothing.
        decides: whether it counts for the verdict on the whole; what can never be seen does not.
    """

    id: str
    result: Verdict
    detail: str
    fix: str = ""
    decides: bool = True


_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS)


def worst(checks: Iterable[Check]) -> Verdict:
    """The worst verdict among those of ``checks`` that decide."""
    results = (check.result for check in checks if check.decides)
    return min(results, key=_WORST_FIRST.index, default=Verdict.PASS)


def named(things: Sequence[object], limit: int = 5) -> str:
    """The first few of them, and how many more there are."""
    shown = ", ".join(str(each) for each in things[:limit])
    return shown + (f" and {len(things) - limit} more" if len(things) > limit else "")
