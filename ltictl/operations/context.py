"""What every operation is handed: the profile, the clock and a source of randomness."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from ltictl.store.profile import Profile


def utc_now() -> datetime:
    """The present time in UTC, to the second: documents and JSON hold no fractions."""
    return datetime.now(UTC).replace(microsecond=0)


def _random_text(size: int) -> str:
    import secrets

    return secrets.token_urlsafe(size)


class Context(Struct, frozen=True):
    """Collaborators of an operation.

    Attributes:
        profile: where things are stored.
        now: the present time, UTC.
        random_text: so many random bytes as URL-safe text.
        passphrase: what private keys are encrypted with, empty for none; asked for when needed.
        progress: told in a few words what is being done, wherever that may take a while.
    """

    profile: Profile
    now: Callable[[], datetime] = utc_now
    random_text: Callable[[int], str] = _random_text
    passphrase: Callable[[], bytes] = bytes
    progress: Callable[[str], object] = str
