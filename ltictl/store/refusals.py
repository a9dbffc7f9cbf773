"""The errors of the operating system and of a profile's files, each with its cause and remedy."""

import errno
from collections.abc import Iterable
from pathlib import Path

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.model.hint import hint
from ltictl.model.suggestion import did_you_mean, likeliest

_FULL = ("The disk is full.", "Make room, then run the same command again.")
_RIGHTS = (
    "The permissions do not allow it, or the folder belongs to somebody else.",
    "Correct the permissions or the owner, then run the same command again.",
)
_NO_LOCKS = (
    "The file system offers no locks, as some network file systems do.",
    "Move the profile to a local disk, or mount that file system with locks.",
)
_TOO_LONG = ("The path is longer than the file system allows.", "Name a place with a shorter path.")
_READ_ONLY = ("The file system is read-only.", "Make it writable, or name another place.")
_LINK = ("It is a link, and no file of a profile may be one that leads out of it.", "Remove it.")
_FAILING = ("The disk is failing.", "Look after the disk, then run the same command again.")
_OTHERWISE = (
    "The disk is full or read-only, or the folder belongs to somebody else.",
    "Make room or correct the permissions, then run the same command again.",
)
_CAUSES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    # NFS without its lock service, some FUSE file systems.
    errno.ENOLCK: _NO_LOCKS,
    errno.ENOSYS: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
    errno.ENAMETOOLONG: _TOO_LONG,
    errno.EROFS: _READ_ONLY,
    errno.ELOOP: _LINK,
    errno.EIO: _FAILING,
}


def cannot_write(path: Path, error: OSError) -> LtictlError:
    """Return the error for a write that the operating system refused."""
    if isinstance(error, FileNotFoundError):
        return LtictlError(
            "cannot_write",
            f"{path} could not be written: the folder {path.parent} is not there.",
            why="It was never made, or was moved away.",
            fix="Make the folder, or name another place.",
        )
    why, fix = _CAUSES.get(error.errno or 0, _OTHERWISE)
    problem = f"{path} could not be written: {error.strerror or error}"
    return LtictlError("cannot_write", problem, why=why, fix=fix)


def cannot_read(path: Path | str, error: OSError) -> UnreadableError:
    """Return the error for a read that the operating system refused."""
    if error.errno == errno.ENAMETOOLONG:
        why, fix = _TOO_LONG
    else:
        why = "The permissions are wrong, or the disk is failing."
        fix = "Run 'ltictl doctor', which names what is wrong with the profile's files."
    problem = f"{path} could not be read: {error.strerror or error}"
    return UnreadableError("cannot_read", problem, why=why, fix=fix)


def no_plain_file(path: Path | str, what: str) -> UnreadableError:
    """Return the error for something in a profile that is no file of its own.

    Args:
        path: its place.
        what: the end of a sentence, such as "is a pipe or a device".
    """
    return UnreadableError(
        "not_a_plain_file",
        f"{path} {what}.",
        why="ltictl reads and writes plain files inside the profile only: anything else could stop "
        "it, or lead it to files that are not its own.",
        fix="Move it away, and put the file itself in its place.",
    )


def too_large(path: Path | str, limit: int) -> UnreadableError:
    """Return the error for a file that is larger than any that ltictl writes."""
    return UnreadableError(
        "file_too_large",
        f"{path} is larger than {limit // 1024**2} MB.",
        why="ltictl writes no such file; something else was put there.",
        fix="Move it away, or restore the file that belongs there.",
    )


def moved(place: str, target: str) -> LtictlError:
    """Return the error for a write to a place that was moved."""
    return LtictlError(
        "store_moved",
        f"{place} was moved to {target}; nothing is written here any more.",
        why="'ltictl store copy' marked it, so that no change gets lost behind the copy.",
        fix=f"Use {target}: set [store] url or LTICTL_STORE, or name it with --profile. "
        "If the copy was cut off, finish it first: "
        f"{hint('store', 'copy', place, target, '--yes')}",
    )


def key_exists(place: str) -> LtictlError:
    """Return the error for a new private key at a place that holds one."""
    return LtictlError(
        "key_exists",
        f"{place} exists and is never overwritten.",
        fix="See 'ltictl keys list'.",
    )


def no_private_key(kid: str, place: str) -> NotFoundError:
    """Return the error for a private key that is missing at its place."""
    return NotFoundError(
        "no_private_key",
        f"The private key {place} is missing.",
        why="The profile was restored without its keys, or the key was moved.",
        fix=f"Restore it; if it is lost: ltictl rotate-keys --compromised {kid}",
    )


def no_such_attempt(identifier: str, known: Iterable[str]) -> NotFoundError:
    """Return the error for an id that no attempt has.

    Args:
        identifier: as a person typed it.
        known: the ids of all attempts.
    """
    ids = list(known)
    return NotFoundError(
        "no_such_attempt",
        f"There is no interrupted registration {identifier[:80]!r}.",
        fix=f"{did_you_mean(identifier, ids)}'ltictl recover' lists those that there are.",
        instead=(identifier, likeliest(identifier, ids)),
    )


def profile_exists(place: str) -> LtictlError:
    """Return the error for a profile that would be made over another."""
    return LtictlError(
        "profile_exists",
        f"There is a profile in {place} already; it is never overwritten.",
        fix="Edit its profile.toml, or name another place with --profile.",
    )


def no_toml(file: str, problem: str) -> UnreadableError:
    """Return the error for a document that is no TOML."""
    return UnreadableError(
        "damaged_document",
        f"{file}{problem}",
        why="It was edited by hand and is no longer TOML, or a disk or copy went wrong.",
        fix="Correct the line named above, or restore the file; ltictl will not overwrite it.",
    )
