"""Read files with bounds, since others may have put them into a profile."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from ltictl.store.refusals import cannot_read, no_plain_file, too_large

MAX_FILE = 16 * 1024**2  # an integration of 100,000 deployments takes 10 MB
_PIECE = 64 * 1024
_COMMON = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# Opening a pipe would wait for its other end without O_NONBLOCK. Windows has neither flag.
_STRICT = _COMMON | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# What O_NOFOLLOW answers at a link: Linux and macOS the first, FreeBSD the second.
_IS_LINK = frozenset({errno.ELOOP, errno.EMLINK})


# A pipe would hang every command, a device never ends, and a link could lead to files of others.
def read_own(root: Path, path: Path | str) -> bytes | None:
    """Return the content of a profile's file, ``None`` where there is none.

    Args:
        root: the profile's folder.
        path: the file.

    Raises:
        UnreadableError: it is no plain file inside the profile, too large, or cannot be read.
    """
    return _whole(path, lambda: open_own(root, path))


def read_end(root: Path, path: Path, most: int) -> tuple[bytes, int]:
    """Return the last ``most`` bytes of a profile's file, and the place in it where they begin.

    Raises:
        UnreadableError: as in ``read_own``.
    """
    begin = 0

    def open_near_end() -> int:
        nonlocal begin
        descriptor = open_own(root, path)
        begin = max(0, os.fstat(descriptor).st_size - most)
        os.lseek(descriptor, begin, os.SEEK_SET)
        return descriptor

    return _whole(path, open_near_end) or b"", begin


def open_own(root: Path, path: Path | str, flags: int = os.O_RDONLY) -> int:
    """Open a plain file inside the profile and return its descriptor.

    Raises:
        UnreadableError: it is something else, or a link that leads out.
        OSError: the operating system refused.
    """
    try:
        descriptor = os.open(path, flags | _STRICT, 0o600)
    except OSError as error:
        if error.errno not in _IS_LINK:
            raise
        # A link that stays inside is good: Kubernetes mounts folders in that way.
        descriptor = _open_linked(root, path, flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise no_plain_file(path, "is a folder, a pipe or a device")


def _open_linked(root: Path, path: Path | str, flags: int) -> int:
    require_inside(root, path)
    try:
        return os.open(os.path.realpath(path), (flags | _STRICT) & ~os.O_CREAT)
    except FileNotFoundError:
        raise no_plain_file(path, "is a link to a file that is not there") from None


def require_inside(root: Path, path: Path | str) -> None:
    """Refuse a path that a link leads out of the profile.

    Raises:
        UnreadableError: it leads out.
    """
    parent, name = os.path.split(path)
    is_child = parent == str(root) and name not in {"", os.curdir, os.pardir}
    # Nearly all paths: one look, where the two below take one for each folder on the way.
    if is_child and not os.path.islink(path):  # noqa: PTH114  a Path costs as much as the look
        return
    inside = os.path.realpath(root)
    real = os.path.realpath(path)
    if real != inside and not real.startswith(inside.rstrip(os.sep) + os.sep):
        raise no_plain_file(path, "is a link that leads out of the profile, or lies behind one")


def read_named(path: Path, most: int = MAX_FILE) -> bytes | None:
    """Return the content of a file, link or pipe that a person named, ``None`` where there is none.

    Args:
        path: the file.
        most: the number of bytes that it may have.

    Raises:
        UnreadableError: it is too large, or cannot be read.
    """
    return _whole(path, lambda: os.open(path, os.O_RDONLY | _COMMON), most)


def _whole(path: Path | str, opened: Callable[[], int], most: int = MAX_FILE) -> bytes | None:
    try:
        descriptor = opened()
        try:
            return _all_of(descriptor, path, most)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot_read(path, error) from error


def _all_of(descriptor: int, path: Path | str, most: int) -> bytes:
    """Read a descriptor to its end, and stop at the limit."""
    pieces = []
    size = 0
    # Piece by piece: a pipe may give less at a time, and a device has no end.
    while piece := os.read(descriptor, _PIECE):
        size += len(piece)
        if size > most:
            raise too_large(path, most)
        pieces.append(piece)
    return b"".join(pieces)
