"""Write times as ages, for people; programs get exact times."""

from datetime import datetime
from typing import Final

from ltictl.model.duration import DAY, HOUR, MINUTE

# Least age in seconds -> its unit, and the unit's length.
_UNITS: Final = (
    (2 * 365 * DAY, "years", 365 * DAY),
    (60 * DAY, "months", 30 * DAY),
    (2 * DAY, "days", DAY),
    (2 * HOUR, "hours", HOUR),
    (2 * MINUTE, "minutes", MINUTE),
)


def age(when: datetime, now: datetime) -> str:
    """Write an age, such as ``3 days ago``, ``in 6 days`` or ``just now``."""
    seconds = (now - when).total_seconds()
    for least, unit, length in _UNITS:
        if abs(seconds) >= least:
            count = int(abs(seconds) // length)
            return f"{count} {unit} ago" if seconds > 0 else f"in {count} {unit}"
    return "just now" if seconds >= 0 else "in a minute"
