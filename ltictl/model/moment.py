"""Times: always with their offset, and told in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

Moment = Annotated[datetime, Meta(tz=True)]


def rfc3339(moment: datetime) -> str:
    """As programs read it, to the second: ``2026-01-31T12:00:00Z`` (RFC 3339)."""
    text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z"


def to_the_minute(moment: datetime) -> str:
    """As people read it: ``2026-01-31 12:00 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
