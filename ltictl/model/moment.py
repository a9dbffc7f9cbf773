"""Times: always with their offset, and told in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from ltictl.errors import InvalidValueError

Moment = Annotated[datetime, Meta(tz=True)]
# Sums and differences of moments within these years, and of durations, which have a limit as well,
# stay within what a datetime can hold (years 1 to 9999).
_FIRST_YEAR = 1970
_LAST_YEAR = 3500


def check_moment(moment: datetime, field: str) -> datetime:
    """Return ``moment`` if it can be reckoned with.

    Raises:
        InvalidValueError: it has no offset, or lies before 1970 or after 3500.
    """
    if moment.tzinfo is None:
        raise InvalidValueError(field, "must have an offset, as 2026-01-31T12:00:00Z has")
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:  # the offset may lead into the next year
        raise InvalidValueError(field, f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return moment


def rfc3339(moment: datetime) -> str:
    """As programs read it, to the second: ``2026-01-31T12:00:00Z`` (RFC 3339)."""
    text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z"


def to_the_minute(moment: datetime) -> str:
    """As people read it: ``2026-01-31 12:00 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
