"""Notices a clock that is behind, or was ahead, by what happened to keys later than now.

Which of the two it is cannot be told from here, so dates are left alone: to correct them by a clock
that is behind would cut the waits short, and a key made by it would get a date long past.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ltictl.model.signing_key import SigningKey

_MACHINES_DIFFER = timedelta(minutes=5)  # two of them may share a profile


def clock_warnings(keys: Iterable[SigningKey], now: datetime) -> list[str]:
    """A warning for every key to which something happened later than now."""
    return [
        f"By this computer's clock ({_moment(now)}) {key.kid} comes from the future "
        f"({_moment(key.last_event)}): the clock is behind, or was ahead then. No new key is made "
        "meanwhile, and this one waits by its dates. If the clock is right now: ltictl "
        "rotate-keys --now"
        for key in keys
        if key.last_event > now + _MACHINES_DIFFER
    ]


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
