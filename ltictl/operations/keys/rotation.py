"""The order and the result of a run of ``rotate-keys``."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ltictl.model.profile import KeyManager
from ltictl.model.signing_key import KeyState, SigningKey, key_steps, signer_of
from ltictl.operations.context import Context
from ltictl.operations.keys.key_events import KeyEvent
from ltictl.operations.signing import keys_as_they_count

RETRY = timedelta(hours=1)


class RotationOrder(Struct, frozen=True):
    """The order for a run.

    Attributes:
        if_older_than: begin no rotation while the current key is younger.
        publish_for, retire_after: durations in place of the profile's, also for keys under way.
        now: let the new key sign without a wait, and begin a rotation even if one is ending.
        handed_on: whether a person says that the application has the current key.
        skip_verify: withdraw without a token from every LMS.
    """

    if_older_than: timedelta | None = None
    publish_for: timedelta | None = None
    retire_after: timedelta | None = None
    now: bool = False
    handed_on: bool = False
    skip_verify: bool = False


class Rotation(Struct, frozen=True):
    """Keys after a run.

    Attributes:
        keys: all keys, oldest first.
        next_run: the time of the next step, ``None`` for none.
        steps: the events of this run.
        warnings: one sentence each.
        incomplete: the reasons for which an LMS may still trust a compromised key.
    """

    keys: tuple[SigningKey, ...]
    next_run: datetime | None
    steps: tuple[KeyEvent, ...] = ()
    warnings: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


def list_keys(context: Context) -> Rotation:
    """Return all signing keys, the time of the next step, and warnings."""
    listing = keys_as_they_count(context)
    warnings = [error.message for error in listing.damaged]
    soon = next_run(listing.items, context.now(), timedelta())
    if context.profile.settings().keys.managed_by is KeyManager.EXTERNAL:
        warnings.append("Your application holds its own keys (keys.managed_by = 'external').")
        soon = None
    return Rotation(listing.items, soon, warnings=tuple(warnings))


def next_run(
    keys: Sequence[SigningKey], now: datetime, retry: timedelta, age: timedelta | None = None
) -> datetime | None:
    """Return the time of the next step, ``None`` for none.

    Args:
        keys: the keys in their present states.
        now: the present time.
        retry: the wait before an overdue step is tried again.
        age: the age from which another key follows, ``None`` for any.
    """
    moments = [moment for _, moment in key_steps(keys)]
    signer = signer_of(keys)
    if age and signer and all(key.state is not KeyState.NEXT for key in keys):
        moments.append(signer.signs_since + age)
    due = [each if each and each > now else now + retry for each in moments]
    return min(due, default=None)
