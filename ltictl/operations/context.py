"""The collaborators of every operation: profile, clock, randomness, and messages."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.store.profile import Profile

_LAST_YEAR = 9000  # datetime ends with 9999, and keys and invitations live on after now


def utc_now() -> datetime:
    """Return the present time in UTC, to the second.

    Raises:
        LtictlError: ``clock_unusable``.
    """
    # Documents and JSON hold no fractions of a second.
    now = datetime.now(UTC).replace(microsecond=0)
    if now.year > _LAST_YEAR:
        raise LtictlError(
            "clock_unusable",
            f"The clock of this computer says {now:%Y-%m-%d}, too late for any date to follow.",
            fix="Set the clock of this computer by NTP, then run the command again.",
        )
    return now


def _no_passphrase() -> bytes:
    return b""


def _tell_nobody(text: str) -> None:
    del text


def _random_text(size: int) -> str:
    import secrets

    return secrets.token_urlsafe(size)


class Context(Struct, frozen=True):
    """The collaborators of an operation.

    Attributes:
        profile: the profile.
        now: returns the present time, UTC.
        random_text: returns that many random bytes as URL-safe text.
        passphrase: returns the passphrase of private keys, empty for none.
        progress: shows a few words about work that may take a while.
        warn: shows a warning that is not part of the result.
    """

    profile: Profile
    now: Callable[[], datetime] = utc_now
    random_text: Callable[[int], str] = _random_text
    passphrase: Callable[[], bytes] = _no_passphrase
    progress: Callable[[str], object] = _tell_nobody
    warn: Callable[[str], object] = _tell_nobody

    def pem_passphrase(self) -> bytes:
        """Return the passphrase for a new PEM, empty where the store seals secrets."""
        return b"" if self.profile.seals_secrets else self.passphrase()
