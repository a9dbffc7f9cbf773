"""Write the files that a person names with ``--output``, and never replace a device or a link."""

import errno
import os
import stat
import time
from pathlib import Path
from typing import Final

from ltictl.errors import LtictlError
from ltictl.store.files import PRIVATE_FILE, PUBLIC_FILE, write_all, write_whole
from ltictl.store.refusals import cannot_write

_MAX_LINKS: Final = 40  # as Linux follows at most
_READER_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05
_ROOT: Final = 0


def write_output(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write ``data`` to the place that a person named.

    A regular file becomes wholly new; a device or a FIFO gets the bytes. A link is followed only
    where its owner is the person or the administrator; anything else stays as it is.

    Args:
        path: the place.
        data: the whole content.
        private: whether it holds a secret: a file is then 0600 from birth, and a link to a file is
            not followed.

    Raises:
        LtictlError: ``cannot_write``, or ``not_a_file``.
    """
    # A rename would put a regular file over a device: as root, '--output /dev/null' would break the
    # machine for every other program.
    target, kind = _look_up(path)
    if _is_descriptor(target):
        _write_to(int(target.name), path, data)
    elif kind is None or stat.S_ISREG(kind):
        if private and path.is_symlink():
            raise _is_link(path, "a symbolic link", "It may lead a secret out of a private folder.")
        write_whole(target, data, PRIVATE_FILE if private else PUBLIC_FILE)
    elif stat.S_ISCHR(kind) or stat.S_ISFIFO(kind):
        _write_through(target, data)
    else:
        what = "a folder" if stat.S_ISDIR(kind) else "neither a file nor a device nor a pipe"
        raise _not_a_file(path, what)


def require_file(path: Path) -> None:
    """Raise an error unless ``path`` is a regular file or nothing yet.

    Raises:
        LtictlError: ``cannot_write``, or ``not_a_file``.
    """
    target, kind = _look_up(path)
    if _is_descriptor(target) or not (kind is None or stat.S_ISREG(kind)):
        raise _not_a_file(path, "no regular file, and key files are written beside it")


def is_folder(path: Path) -> bool:
    """Return whether a folder stands there.

    Raises:
        LtictlError: ``cannot_write``: the name is impossible, or a link is a stranger's.
    """
    _, kind = _look_up(path)
    return kind is not None and stat.S_ISDIR(kind)


def _look_up(path: Path) -> tuple[Path, int | None]:
    """Return the target of ``path`` and the mode of the file there, ``None`` if there is none."""
    try:
        target = _follow(path)
        return target, target.lstat().st_mode
    except FileNotFoundError:
        return target, None
    except OSError as error:
        raise cannot_write(path, error) from error


def _is_descriptor(path: Path) -> bool:
    """Return whether a path names one of the process's own open files, as ``/dev/stdout`` does."""
    # Not followed further: /proc/self/fd/1 looks like a link, but its text need not be a path.
    folders = {"/dev/fd", "/proc/self/fd", f"/proc/{os.getpid()}/fd"}
    return str(path.parent) in folders and path.name.isascii() and path.name.isdecimal()


def _follow(path: Path) -> Path:
    """Follow links of the person or the administrator, and refuse those of others."""
    for _ in range(_MAX_LINKS):
        if _is_descriptor(path) or not path.is_symlink():
            return path
        # In a shared folder another user could have planted the link.
        if os.name != "nt" and path.lstat().st_uid not in {os.geteuid(), _ROOT}:
            why = "Somebody may have put it there to have another file overwritten."
            raise _is_link(path, "a symbolic link of another user", why)
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _write_through(path: Path, data: bytes) -> None:
    """Write to a device or a FIFO as a shell's ``>`` does, but wait a limited time for a reader."""
    try:
        descriptor = _open(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        os.set_blocking(descriptor, True)
        _write_to(descriptor, path, data)
    finally:
        os.close(descriptor)


def _write_to(descriptor: int, path: Path, data: bytes) -> None:
    try:
        write_all(descriptor, data)
    except OSError as error:
        raise cannot_write(path, error) from error


def _open(path: Path) -> int:
    # Without O_NONBLOCK a FIFO without a reader would hang the command; without O_NOCTTY a terminal
    # could become the process's own, and its Ctrl-C with it.
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
    deadline = time.monotonic() + _READER_SECONDS
    while True:
        try:
            return os.open(path, flags)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline:  # fifo(7): no reader yet
                raise
        time.sleep(_POLL_SECONDS)


def _is_link(path: Path, what: str, why: str) -> LtictlError:
    return LtictlError(
        "cannot_write",
        f"{path} could not be written: it is {what}.",
        why=why,
        fix="Name the file itself, or one in a folder of your own.",
    )


def _not_a_file(path: Path, what: str) -> LtictlError:
    return LtictlError(
        "not_a_file",
        f"{path} is {what}; nothing was written.",
        fix="Name a file: one that is there, or a new one in a folder.",
    )
