"""Write times as ages, for people; programs get exact times."""

from datetime import datetime
from typing import Final

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# Least age in seconds -> its unit, and the unit's length.
_UNITS: Final = (
    (2 * 365 * _DAY, "years", 365 * _DAY),
    (60 * _DAY, "months", 30 * _DAY),
    (2 * _DAY, "days", _DAY),
    (2 * _HOUR, "hours", _HOUR),
    (2 * _MINUTE, "minutes", _MINUTE),
)


def age(when: datetime, now: datetime) -> str:
    """Write an age, such as ``3 days ago``, ``in 6 days`` or ``just now``."""
    seconds = (now - when).total_seconds()
    for least, unit, length in _UNITS:
        if abs(seconds) >= least:
            count = int(abs(seconds) // length)
            return f"{count} {unit} ago" if seconds > 0 else f"in {count} {unit}"
    return "just now" if seconds >= 0 else "in a minute"
