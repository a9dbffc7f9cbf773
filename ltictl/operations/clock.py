"""Compare this computer's clock with a server's."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ltictl.net.reply import Reply

_ROUNDED = 1  # seconds: both sides leave out fractions


def clock_offset(reply: "Reply", before: datetime, after: datetime) -> int | None:
    """Return the seconds by which this computer is ahead of a server, 0 for no difference.

    Args:
        reply: the reply with a ``Date`` (RFC 9110, 6.6.1).
        before: this computer's time before the request.
        after: this computer's time after the reply.

    Returns:
        ``None`` where the server sends no readable date.
    """
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    if theirs.tzinfo is None:  # "-0000" says UTC, and nothing of the place
        theirs = theirs.replace(tzinfo=UTC)
    # Against both ends of the request, so that a slow answer counts as no wrong clock.
    ahead, behind = (before - theirs).total_seconds(), (theirs - after).total_seconds()
    if ahead > _ROUNDED:
        return round(ahead)
    return -round(behind) if behind > _ROUNDED else 0
