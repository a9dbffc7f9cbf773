"""Copy a profile to another place, and verify each document."""

import time
from collections.abc import Callable, Iterator

from msgspec import Struct

from ltictl.errors import NeedsRecoveryError
from ltictl.lti.keys import is_encrypted, opened, read_key
from ltictl.operations.context import Context
from ltictl.operations.other_machines import wait_for_others
from ltictl.store.places import (
    copy_documents,
    copy_secrets,
    differs,
    mark_place_moved,
    names_left,
)


class Copied(Struct, frozen=True):
    """One copy.

    Attributes:
        written: number of documents that were written.
        present: number of documents that existed already.
        left: names of removed documents that stay at the source.
    """

    written: int
    present: int
    left: tuple[str, ...] = ()


def copy_profile(
    source: Context,
    target: Context,
    *,
    keep: bool,
    wait: Callable[[float], object] = time.sleep,
) -> Copied:
    """Copy everything of one profile, and continue an earlier copy where it was cut off.

    Args:
        source: the profile to copy.
        target: the place of the copy; it may hold an unfinished one.
        keep: whether the source stays in use; else it refuses writes before the copy begins.
        wait: waits until other machines see the move.

    Raises:
        LtictlError: ``copy_differs``, ``attempts_unsettled``, ``store_moved``, or a document is
            damaged; nothing is overwritten or lost.
    """
    source.profile.require()
    _require_settled(source)
    if not keep and mark_place_moved(source.profile, target.profile.documents_place):
        wait_for_others(source, "mark", wait)
        _require_settled(source)
    written = present = 0
    for fresh in _copy(source, target):
        written, present = written + fresh, present + (not fresh)
        source.progress(f"Copied {written} documents ...")
    return Copied(written, present, names_left(source.profile))


def _require_settled(source: Context) -> None:
    if source.profile.attempts.ids():
        raise NeedsRecoveryError(
            "attempts_unsettled",
            "A registration or update is under way or was cut off in the source.",
            why="Its record belongs to the place where it began.",
            fix="Wait for it, or settle it with 'ltictl recover'; then copy again.",
        )


def _copy(source: Context, target: Context) -> Iterator[bool]:
    """Copy settings, documents and secrets, and yield for each whether it was written."""
    # Settings first: without them the target would be no profile, and a second run could not
    # continue.
    yield from copy_documents(source.profile, target.profile)
    yield from copy_secrets(source.profile, target.profile)
    for each in source.profile.integrations.all():
        if each.token_sha256:  # a token is for one registration, there as well
            target.profile.attempts.note_used_token(each.token_sha256, each.id)
    there = set(target.profile.private_keys.ids())
    for kid in source.profile.private_keys.ids():
        plain = _plain(source, kid)
        if kid not in there:
            passphrase = target.pem_passphrase()
            pem = read_key(plain, b"", passphrase).pem if passphrase else plain
            target.profile.private_keys.add(kid, pem)
        if _plain(target, kid) != plain:
            raise differs(target.profile.private_keys.place(kid))
        yield kid not in there


def _plain(context: Context, kid: str) -> bytes:
    context.profile.look_again()  # read the stored documents, not this run's own
    pem = context.profile.private_keys.read(kid)
    return opened(pem, context.passphrase()) if is_encrypted(pem) else pem
