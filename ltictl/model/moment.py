"""Times: every one has an offset, and people and programs read it in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from ltictl.errors import InvalidValueError

Moment = Annotated[datetime, Meta(tz=True)]
# A datetime holds the years 1 to 9999. Sums and differences of moments within these limits, and of
# durations, which have a limit too, stay within them.
_FIRST_YEAR = 1970
_LAST_YEAR = 3500
_TO_THE_SECOND = 19  # characters of 2026-01-31T12:00:00


def check_moment(moment: datetime, field: str) -> datetime:
    """Return ``moment`` if ltictl can calculate with it.

    Raises:
        InvalidValueError: it has no offset, or lies before 1970 or after 3500.
    """
    if moment.tzinfo is None:
        raise InvalidValueError(field, "must have an offset, as 2026-01-31T12:00:00Z has")
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:  # the offset may lead into the next year
        raise InvalidValueError(field, f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return moment


def rfc3339(moment: datetime) -> str:
    """Write a time for programs, to the second: ``2026-01-31T12:00:00Z`` (RFC 3339)."""
    in_utc = moment.astimezone(UTC) if moment.utcoffset() else moment
    return f"{in_utc.isoformat()[:_TO_THE_SECOND]}Z"


def to_the_minute(moment: datetime) -> str:
    """Write a time for people, to the minute: ``2026-01-31 12:00 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
