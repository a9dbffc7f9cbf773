"""Why the operating system refused a file, and the command that mends it or shows more."""

import errno
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

_AGAIN: Final = ", then run the same command again"


def cause_of(path: Path, error: OSError) -> tuple[str, str]:
    """Return the cause of a refusal and the remedy.

    Args:
        path: the file or folder that could not be read or written.
        error: the operating system's.
    """
    known = _CAUSES.get(error.errno or 0)
    return known(path) if known else _otherwise(path)


def _nearest(path: Path) -> Path:
    """Return the nearest place on the way to ``path`` that is there."""
    for each in (path, *path.parents):
        try:
            each.lstat()
        except OSError:
            continue
        return each
    return Path("/")


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _folder(path: Path) -> Path:
    """Return the folder at which a file or its temporary neighbour was refused."""
    there = _nearest(path.parent)
    return there if there.is_dir() else there.parent


def _missing(path: Path) -> tuple[str, str]:
    if path.parent.is_dir():  # such as /proc
        return _otherwise(path)
    return (
        f"The folder {path.parent} is not there: it was never made, or was moved away.",
        f"Name another place, or make the folder: mkdir -p {_quoted(path.parent)}",
    )


def _full(path: Path) -> tuple[str, str]:
    return (
        "The disk is full.",
        f"Make room{_AGAIN}. To see the disk: df -h {_quoted(_folder(path))}",
    )


def _rights(path: Path) -> tuple[str, str]:
    at = _stuck_at(path)
    if at is None:
        return (
            "A setting of the system forbids it, such as an immutable file or a security module.",
            f"Look at it: ls -ld {_quoted(_folder(path))}",
        )
    try:
        owner = at.stat().st_uid
    except OSError:
        owner = -1
    if os.name == "nt" or owner == -1:
        return "The permissions do not allow it.", f"Correct the permissions of {at}{_AGAIN}."
    if owner == os.geteuid():
        return (
            f"The permissions of {at} do not allow it.",
            f"Allow it{_AGAIN}: chmod u+rwX {_quoted(at)}",
        )
    return (
        f"{at} belongs to {_user(owner)}, and this command runs as {_user(os.geteuid())}.",
        f"Run the command as {_user(owner)}, or name another place.",
    )


def _stuck_at(path: Path) -> Path | None:
    """Return the file or folder whose permissions stop this user, the outermost one first."""
    there = _nearest(path)
    for each in reversed(there.parents):
        if not os.access(each, os.X_OK):
            return each
    if there == path and not there.is_dir() and not os.access(there, os.R_OK):
        return there
    folder = there if there.is_dir() else there.parent
    return None if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else folder


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _no_locks(path: Path) -> tuple[str, str]:
    return (
        f"The file system of {_folder(path)} offers no locks, as some network file systems do.",
        "Move the profile to a local disk, or mount that file system with locks.",
    )


def _too_long(path: Path) -> tuple[str, str]:
    del path
    return "The path is longer than the file system allows.", "Name a place with a shorter path."


def _read_only(path: Path) -> tuple[str, str]:
    return (
        "The file system is read-only.",
        f"Name another place, or mount it for writing: findmnt -T {_quoted(_folder(path))}",
    )


def _link(path: Path) -> tuple[str, str]:
    del path
    return "It is a link, and no file of a profile may be one that leads out of it.", "Remove it."


def _failing(path: Path) -> tuple[str, str]:
    return (
        "The disk is failing.",
        f"Copy what it holds to another disk. To see the disk: df -h {_quoted(_folder(path))}",
    )


def _no_folder(path: Path) -> tuple[str, str]:
    there = _nearest(path)
    return (
        f"{there} is a file, and a folder is needed there.",
        "Name a place in a folder, or move that file away.",
    )


def _is_folder(path: Path) -> tuple[str, str]:
    return f"{path} is a folder, and a file is needed there.", "Move the folder away."


def _limited(path: Path) -> tuple[str, str]:
    del path
    return (
        "This process may not write files of that size.",
        f"Raise the limit{_AGAIN}: ulimit -f unlimited",
    )


def _too_many_open(path: Path) -> tuple[str, str]:
    del path
    return (
        "This computer or this process has too many files open.",
        f"Raise the limit{_AGAIN}: ulimit -n 4096",
    )


def _gone(path: Path) -> tuple[str, str]:
    return (
        "The network file system does not answer.",
        f"Mount it again{_AGAIN}. To see it: findmnt -T {_quoted(_folder(path))}",
    )


def _otherwise(path: Path) -> tuple[str, str]:
    folder = _quoted(_folder(path))
    return (
        "The disk or its file system refused it.",
        f"Look at the folder and its disk: ls -ld {folder}; df -h {folder}",
    )


_CAUSES: Final[dict[int, Callable[[Path], tuple[str, str]]]] = {
    errno.ENOENT: _missing,
    errno.ENOSPC: _full,
    errno.EDQUOT: _full,
    errno.EACCES: _rights,
    errno.EPERM: _rights,
    # NFS without its lock service, some FUSE file systems.
    errno.ENOLCK: _no_locks,
    errno.ENOSYS: _no_locks,
    errno.EOPNOTSUPP: _no_locks,
    errno.ENAMETOOLONG: _too_long,
    errno.EROFS: _read_only,
    errno.ELOOP: _link,
    errno.EIO: _failing,
    errno.ENOTDIR: _no_folder,
    errno.EEXIST: _no_folder,
    errno.EISDIR: _is_folder,
    errno.EFBIG: _limited,
    errno.EMFILE: _too_many_open,
    errno.ENFILE: _too_many_open,
    errno.ESTALE: _gone,
    errno.ENOTCONN: _gone,
}
