"""Durations as people write them: ``90s``, ``15m``, ``24h``, ``7d``."""

import re
from datetime import timedelta

from ltictl.errors import InvalidValueError

MINUTE, HOUR, DAY = 60, 3600, 86400  # in seconds
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FORM = r"([0-9]{1,6})([smhd])"
_LONGEST = timedelta(days=36525)  # added to a date it must still give a date


def parse_duration(text: str, field: str) -> timedelta:
    """Read a duration.

    Raises:
        InvalidValueError: the text is not a whole number of s, m, h or d, or it is zero.
    """
    match = re.fullmatch(_FORM, text.strip())
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not duration:
        raise InvalidValueError(
            field, f"{text[:40]!r} is not a duration", fix="Write 90s, 15m, 24h or 7d."
        )
    if duration > _LONGEST:
        raise InvalidValueError(field, f"{text[:40]!r} is longer than 100 years")
    return duration


def format_duration(duration: timedelta) -> str:
    """Return the shortest form that ``parse_duration`` reads back, such as ``15m``."""
    seconds = int(duration.total_seconds())
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
