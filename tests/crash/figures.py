"""Stores the figures of the crash tests with their reports, since tests may run in parallel."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Noted = Callable[[str, object], None]

FIGURE = "figure"


def summary(reports: Iterable[Any]) -> Iterator[str]:
    """The measured values, a line each, and the counts, summed over all tests.

    Args:
        reports: pytest's, of all tests; they carry the figures that ``noted`` received.
    """
    totals: Counter[str] = Counter()
    for report in reports:
        test = report.nodeid.rpartition("::")[2]
        for name, figure in report.user_properties:
            if name == FIGURE:
                what, value = figure
                yield f"{test}: {what} {value}"
                totals[what] += value if isinstance(value, int) else 0
    yield from (f"all together: {what} {total}" for what, total in totals.items() if total)
