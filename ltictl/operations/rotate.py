"""Rotate signing keys: a new key is published first and signs later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ltictl.errors import LtictlError
from ltictl.model.profile import KeyManager, KeyPolicy
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.context import Context
from ltictl.operations.signing import add_key


@dataclass(frozen=True, slots=True)
class Rotation:
    """Keys after a run.

    Attributes:
        keys: all of them, oldest first.
        created: kid of the key that this run made, empty if none.
        next_run: when the next step is due, ``None`` if none is.
    """

    keys: tuple[SigningKey, ...]
    created: str
    next_run: datetime | None


def list_keys(context: Context) -> Rotation:
    """All signing keys and when the next step is due."""
    keys = tuple(
        sorted(context.profile.signing_keys.all(), key=lambda each: (each.created_at, each.kid))
    )
    due = [key.promote_after for key in keys if key.state is KeyState.NEXT and key.promote_after]
    return Rotation(keys, "", min(due) if due else None)


def rotate_keys(context: Context, *, if_older_than: timedelta | None = None) -> Rotation:
    """Publish a new key as ``next`` unless one is waiting; keep every other key as it is.

    Args:
        context: the profile.
        if_older_than: do nothing while the current key is younger.

    Raises:
        LtictlError: ``keys_held_elsewhere``, or it could not be written.
    """
    policy = context.profile.settings().keys
    _require_own_keys(policy)
    present = list_keys(context)
    if not _due(context, present.keys, if_older_than):
        return present
    has_current = any(key.state is KeyState.CURRENT for key in present.keys)
    created = add_key(context, policy, KeyState.NEXT if has_current else KeyState.CURRENT)
    after = list_keys(context)
    return Rotation(after.keys, created.kid, after.next_run)


def _due(context: Context, keys: tuple[SigningKey, ...], age: timedelta | None) -> bool:
    if any(key.state is KeyState.NEXT for key in keys):
        return False
    current = [key for key in keys if key.state is KeyState.CURRENT]
    if not current or age is None:
        return True
    since = current[-1].promoted_at or current[-1].created_at
    return context.now() - since >= age


def _require_own_keys(policy: KeyPolicy) -> None:
    if policy.managed_by is KeyManager.EXTERNAL:
        raise LtictlError(
            "keys_held_elsewhere",
            "The running tool holds its own keys (keys.managed_by = 'external').",
            fix="Rotate them there. ltictl makes and rotates nothing for this profile.",
        )
