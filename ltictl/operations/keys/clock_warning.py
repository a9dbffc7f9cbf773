"""Notice a wrong clock by events of keys that lie in the future."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ltictl.model.moment import rfc3339
from ltictl.model.signing_key import SigningKey

_MACHINES_DIFFER = timedelta(minutes=5)  # two of them may share a profile


# ltictl cannot know whether the clock is behind now or was ahead then, so it corrects no dates: a
# clock that is behind would cut the waits short.
def clock_warning(keys: Iterable[SigningKey], now: datetime) -> str:
    """Return a warning where an event of a key lies in the future, else an empty text."""
    late = [key for key in keys if key.last_event > now + _MACHINES_DIFFER]
    if not late:
        return ""
    last = max(late, key=lambda key: key.last_event)
    return (
        f"It is {rfc3339(now)} by this computer's clock, and {last.kid} was last changed at "
        f"{rfc3339(last.last_event)}: the clock is behind, or was ahead then. No new key is made "
        "meanwhile, and keys wait by the dates that they have. If the clock is right now, this "
        "corrects them: ltictl rotate-keys --now"
    )
