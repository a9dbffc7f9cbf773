"""The findings of ``verify`` and ``doctor``, each with a verdict, a reason and a remedy."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.net.failures import Failure, UnreachableError


class Verdict(StrEnum):
    """The result of a check."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


SERVER_ERROR: Final = 500  # RFC 9110, 15.6: from here on the server failed
ABSENT: Final = frozenset({404, 405})  # RFC 9110, 15.5.5 and 15.5.6: no such page


class Check(Struct, frozen=True):
    """One finding.

    Attributes:
        id: stable name.
        result: the verdict.
        detail: the finding.
        fix: the remedy, empty for none.
        decides: whether it counts for the verdict on the whole.
        of_this_run: whether an option of this run caused it; then it is not stored as a problem.
        unreached: the host from which nothing came back, empty where something did.
    """

    id: str
    result: Verdict
    detail: str
    fix: str = ""
    decides: bool = True
    of_this_run: bool = False
    unreached: str = ""


# Refused by this computer because of an option that this run lacks.
_OF_THIS_RUN = frozenset(
    {Failure.PRIVATE, Failure.PLAIN_HTTP, Failure.PUBLIC_HTTP, Failure.CA_FILE}
)
# Nothing came back: the host is down, or this computer's network or name server.
_SILENT = frozenset({Failure.UNKNOWN_HOST, Failure.NOT_CONNECTED, Failure.TIMED_OUT})


def on_the_way(name: str, error: LtictlError, fix: str = "") -> Check:
    """Return the failed check of an address that could not be reached.

    Args:
        name: the check's stable name.
        error: the error of the guarded HTTP client.
        fix: a remedy in place of the error's own.
    """
    kind, host = (error.kind, error.host) if isinstance(error, UnreachableError) else (None, "")
    return Check(
        name,
        Verdict.FAIL,
        error.message,
        fix or error.fix,
        of_this_run=kind in _OF_THIS_RUN,
        unreached=host if kind in _SILENT else "",
    )


_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS)


def worst(checks: Iterable[Check]) -> Verdict:
    """Return the worst verdict among the checks that decide."""
    results = (check.result for check in checks if check.decides)
    return min(results, key=_WORST_FIRST.index, default=Verdict.PASS)
