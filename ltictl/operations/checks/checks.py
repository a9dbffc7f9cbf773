"""The findings of ``verify`` and ``doctor``, each with a verdict, a reason and a remedy."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.net.failures import Failure, UnreachableError


class Verdict(StrEnum):
    """The result of a check."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Check(Struct, frozen=True):
    """One finding.

    Attributes:
        id: stable name.
        result: the verdict.
        detail: the finding.
        fix: the remedy, empty for none.
        decides: whether it counts for the verdict on the whole.
        of_this_run: whether an option of this run caused it; then it is not stored as a problem.
    """

    id: str
    result: Verdict
    detail: str
    fix: str = ""
    decides: bool = True
    of_this_run: bool = False


# Refused by this computer because of an option that this run lacks.
_OF_THIS_RUN = frozenset(
    {Failure.PRIVATE, Failure.PLAIN_HTTP, Failure.PUBLIC_HTTP, Failure.CA_FILE}
)


def on_the_way(name: str, error: LtictlError, fix: str = "") -> Check:
    """Return the failed check of an address that could not be reached.

    Args:
        name: the check's stable name.
        error: the error of the guarded HTTP client.
        fix: a remedy in place of the error's own.
    """
    of_this_run = isinstance(error, UnreachableError) and error.kind in _OF_THIS_RUN
    return Check(name, Verdict.FAIL, error.message, fix or error.fix, of_this_run=of_this_run)


_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS)


def worst(checks: Iterable[Check]) -> Verdict:
    """Return the worst verdict among the checks that decide."""
    results = (check.result for check in checks if check.decides)
    return min(results, key=_WORST_FIRST.index, default=Verdict.PASS)


def named(things: Sequence[object], limit: int = 5) -> str:
    """Return the first few names, and the number of the others."""
    shown = ", ".join(str(each) for each in things[:limit])
    return shown + (f" and {len(things) - limit} more" if len(things) > limit else "")
