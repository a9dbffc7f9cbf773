"""The documents of a profile as a whole: check, count, copy and reseal them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import AlreadyExistsError, LtictlError, NeedsRecoveryError, NotFoundError
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import ATTEMPTS, REMOVED, SECRETS, SETTINGS, TOKENS
from ltictl.store.lock import mark_moved
from ltictl.store.profile import Profile

if TYPE_CHECKING:
    from ltictl.store.bucket.conformance import Rule
    from ltictl.store.bucket.standing import Standing
    from ltictl.store.log.lines import Line

KINDS: Final = ("organizations", "invitations", "integrations", "keys", TOKENS)
_REMOVED: Final = tuple(f"{REMOVED}/{kind}" for kind in KINDS)
# Removed secrets and attempts are sealed, or not, as their place does it: they stay there.
_LEFT: Final = f"{REMOVED}/{SECRETS}"


class PlaceFacts(Struct, frozen=True):
    """The numbers of a profile's place.

    Attributes:
        place: folder or address.
        standing: the store's own document, ``None`` for a folder or where nothing was written yet.
        counts: documents by kind, private keys and secrets included.
        under_way: ids of attempts that are not settled.
    """

    place: str
    standing: "Standing | None"
    counts: dict[str, int]
    under_way: tuple[str, ...]


def check_place(profile: Profile) -> "tuple[Rule, ...]":
    """Check the rules of a profile's store; a folder has none.

    Raises:
        LtictlError: ``store_unsafe``, or the store refused.
        UnreadableError: there is no profile in the folder.
    """
    if profile.shared:
        return profile.shared.standing.check()
    # A folder's lock keeps the rules by itself.
    profile.require()
    return ()


def describe_place(profile: Profile) -> PlaceFacts:
    """Count the documents of a profile, and open none.

    Raises:
        LtictlError: the place cannot be listed.
    """
    counts = {kind: len(profile.documents.list(kind)) for kind in (*KINDS, SECRETS)}
    counts["private_keys"] = len(profile.private_keys.ids())
    standing = profile.shared.standing.read() if profile.shared else None
    return PlaceFacts(profile.documents_place, standing, counts, tuple(profile.attempts.ids()))


def mark_place_moved(profile: Profile, target: str) -> bool:
    """Make a place refuse writes.

    Returns:
        Whether other machines may write for another minute; a folder refuses at once.

    Raises:
        LtictlError: ``store_moved``: it was moved to another place before.
    """
    if not profile.shared:
        mark_moved(profile.root, target, profile.lock_timeout)
        return False
    standing = profile.shared.standing.read()
    if standing is None or standing.moved_to != target:
        profile.shared.standing.require_writable()
        profile.shared.standing.mark_moved(target)
    return True


def copy_documents(source: Profile, target: Profile) -> Iterator[bool]:
    """Copy settings and public documents; yield for each whether it was written.

    Raises:
        LtictlError: ``copy_differs``, or a document cannot be read or written.
    """
    with suppress(NotFoundError):
        yield _copy_settings(source, target)
    for kind in (*KINDS, *_REMOVED):
        for path in source.documents.list(kind):
            data = source.documents.raw(path)
            fresh = not target.documents.exists(path)
            if fresh:
                with suppress(ConflictError):  # another copy at the same time
                    target.documents.create_raw(path, data)
            # Read back and compared, since nothing is overwritten and nothing may be lost.
            if target.documents.raw(path) != data:
                raise differs(target.documents.place(path))
            yield fresh
    yield from _copy_log(source, target)


def _copy_log(source: Profile, target: Profile) -> Iterator[bool]:
    """Copy the lines that the target does not have yet; they fit onto those of an earlier copy."""
    copied = {_key(line): line for _, line in target.log.lines() if line}
    for place, line in source.log.lines():
        # 'log --check' tells of a damaged one; what a shared log proves, its copy proves as well.
        if line is None or (not place and target.log.marks_documents):
            continue
        former = copied.get(_key(line), line)
        if former.body != line.body or (former.seq and line.seq and former != line):
            raise differs(f"The log of {target.documents_place} ({place})")
        fresh = _key(line) not in copied
        if fresh:
            target.log.copy(line)
        yield fresh


def _key(line: "Line") -> str | int:
    return str(line.body.get("line", "")) or line.seq


def names_left(source: Profile) -> tuple[str, ...]:
    """Return the names of the removed documents that are never copied.

    Raises:
        LtictlError: the place cannot be listed.
    """
    return (*source.documents.list(_LEFT), *source.attempts.names_aside())


def _copy_settings(source: Profile, target: Profile) -> bool:
    data = source.settings_documents.raw(SETTINGS)
    try:
        target.create(data.decode("utf-8"))
        fresh = True
    except LtictlError as error:
        if error.code != "profile_exists":
            raise
        fresh = False
    if target.settings_documents.raw(SETTINGS) != data:
        raise differs(target.settings_documents.place(SETTINGS))
    return fresh


def copy_secrets(source: Profile, target: Profile) -> Iterator[bool]:
    """Copy secrets, sealed anew where the target seals; yield for each whether it was written.

    Raises:
        LtictlError: ``copy_differs``, the passphrase is wrong, or as in ``copy_documents``.
    """
    for path in source.documents.list(SECRETS):
        with suppress(MissingError):
            members = _members(source, path)
            try:
                target.secret_documents.create(path, members)
                fresh = True
            except ConflictError:
                fresh = False
            if _members(target, path) != members:
                raise differs(target.documents.place(path))
            yield fresh


def _members(profile: Profile, path: str) -> dict[str, object]:
    profile.look_again(path)  # read the stored documents, not this run's own
    document, _ = profile.secret_documents.read(path)
    return {key: value for key, value in document.items() if key not in {"schema", "write"}}


def reseal_secrets(profile: Profile, passphrase: bytes, wait: Callable[[], object]) -> int:
    """Change the passphrase of a store, seal everything anew, and return the number of secrets.

    Args:
        profile: in a shared store.
        passphrase: the new one.
        wait: waits until no run relies on the former one.

    Raises:
        LtictlError: ``not_sealed_here`` for a folder, ``attempts_unsettled``, or a passphrase is
            wrong.
    """
    if not profile.shared:
        raise LtictlError(
            "not_sealed_here",
            f"{profile.place} is a folder, whose documents are not sealed.",
            why="Only a shared store seals its secrets as a whole.",
            fix="Name a profile whose documents lie in a store.",
        )
    from ltictl.store.bucket.secrets import reseal_documents

    shared = profile.shared
    _require_no_attempt(profile)
    # A run that was cut off goes on here with the same two passphrases.
    has_former = shared.sealer.begin_resealing(passphrase)
    count = reseal_documents(shared.bucket, shared.sealer)
    if has_former:
        # A run that saw the former passphrase may still seal by it, which nobody could open later.
        wait()
        count += reseal_documents(shared.bucket, shared.sealer)
    _require_no_attempt(profile)  # one that began before may be sealed by the former passphrase
    shared.sealer.end_resealing()
    return count


def _require_no_attempt(profile: Profile) -> None:
    profile.look_again(ATTEMPTS)
    if profile.attempts.ids():
        raise NeedsRecoveryError(
            "attempts_unsettled",
            f"A registration or update is under way or was cut off in {profile.documents_place}.",
            why="Its answer is sealed by the passphrase with which it began.",
            fix="Wait for it, or settle it with 'ltictl recover'; then run 'ltictl keys reseal' "
            "again.",
        )


def differs(place: str) -> AlreadyExistsError:
    """Return the error for an existing document with other content."""
    return AlreadyExistsError(
        "copy_differs",
        f"{place} is there already and differs from the source; it is not overwritten.",
        why="The target is in use, or was changed since an earlier copy.",
        fix="Name an empty place as the target.",
    )
