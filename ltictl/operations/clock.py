"""Compare this computer's clock with the one of a server that just answered."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ltictl.net.reply import Reply

_ROUNDED = 1  # seconds: both sides leave out fractions


def clock_offset(reply: "Reply", before: datetime, after: datetime) -> int | None:
    """Seconds by which this computer is ahead of the server; 0 where no difference is proved.

    Args:
        reply: its ``Date`` is read (RFC 9110, 6.6.1).
        before: this computer's time when the request was about to leave.
        after: and when the reply was there: a slow answer is no wrong clock.

    Returns:
        ``None`` where the server sends no date that can be read.
    """
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    if theirs.tzinfo is None:  # "-0000" says UTC, and nothing of the place
        theirs = theirs.replace(tzinfo=UTC)
    ahead, behind = (before - theirs).total_seconds(), (theirs - after).total_seconds()
    if ahead > _ROUNDED:
        return round(ahead)
    return -round(behind) if behind > _ROUNDED else 0
