"""The errors of the operating system and of a profile's files, each with its cause and remedy."""

from collections.abc import Iterable
from pathlib import Path

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.model.hint import hint
from ltictl.model.suggestion import did_you_mean, likeliest
from ltictl.store.causes import cause_of


def cannot_write(path: Path, error: OSError) -> LtictlError:
    """Return the error for a write that the operating system refused."""
    why, fix = cause_of(path, error)
    problem = f"{path} could not be written: {error.strerror or error}."
    return LtictlError("cannot_write", problem, why=why, fix=fix)


def cannot_read(path: Path | str, error: OSError) -> UnreadableError:
    """Return the error for a read that the operating system refused."""
    why, fix = cause_of(Path(path), error)
    problem = f"{path} could not be read: {error.strerror or error}."
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
