"""Files that are wholly old or wholly new, private from birth; knows bytes and paths, no TOML.

Order of every write: temporary file in the same folder (0600, exclusive, no links followed), all
bytes, fsync, rename, fsync of the folder.
"""

import contextlib
import errno
import os
import time
from collections.abc import Mapping
from pathlib import Path

from ltictl.store.layout import temporary_file
from ltictl.store.refusals import cannot_write

PRIVATE_FILE = 0o600
PUBLIC_FILE = 0o644
PRIVATE_FOLDER = 0o700
_SYNCS_AT_ONCE = 8
# Absent on Windows, where O_EXCL alone already refuses to follow.
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# Some network file systems know no fsync of a folder and say so by one of these. The names in it
# are then as durable as that file system makes them, and the document is written all the same.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
# Only Windows refuses to replace a file that somebody has open.
_PAUSES = (0.01, 0.05, 0.1, 0.3, 0.5) if os.name == "nt" else ()


def make_folder(path: Path) -> None:
    """Make ``path`` and its parents, private and durable; nothing happens if it exists.

    Raises:
        LtictlError: the operating system refused.
    """
    try:
        _make_durably(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def _make_durably(path: Path) -> None:
    """Make a folder and its parents, closed to others and on the disk."""
    if path.is_dir():
        return
    # One by one: mkdir(parents=True) leaves the parents open to others, and syncs none of them.
    _make_durably(path.parent)
    path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    sync_folder(path.parent)


def create_exclusive(path: Path, mode: int = PRIVATE_FILE) -> int:
    """Open a new file for writing and return its descriptor.

    Raises:
        FileExistsError: something stands at that path, be it a link.
        OSError: the operating system refused.
    """
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _NO_FOLLOW, mode)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: one ``write`` may write less than it was given without an error."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Make names in ``folder`` durable (POSIX; Windows has no such call and needs none)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Put ``data`` at ``path``: after a crash at any point it is wholly old or wholly new.

    Args:
        path: where to.
        data: all of it.
        mode: permissions of the file from its birth.

    Raises:
        LtictlError: the operating system refused; the former file is untouched.
    """
    temporary = temporary_file(path)
    try:
        _write_durably(temporary, data, mode)
        _replace(temporary, path)
        sync_folder(path.parent)
    except BaseException as error:  # an interruption must not leave the temporary file either
        discard(temporary)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise


def _replace(source: Path, target: Path) -> None:
    """Rename over ``target``; on Windows wait a moment for those who have it open."""
    for pause in _PAUSES:
        try:
            source.replace(target)
        except PermissionError:  # a scanner or a reader, mostly for milliseconds
            time.sleep(pause)
        else:
            return
    source.replace(target)


def write_each(files: Mapping[Path, bytes]) -> None:
    """``write_whole`` for several private files, which take the disk's turns together.

    A journalling file system answers many syncs that wait with one commit; one after the other,
    each would wait for a commit of its own. After a crash some may be new and the others old.

    Args:
        files: what to put where.

    Raises:
        LtictlError: the operating system refused; what was not replaced yet is untouched.
    """
    from concurrent.futures import ThreadPoolExecutor

    temporaries = {path: temporary_file(path) for path in files}
    try:
        with ThreadPoolExecutor(_SYNCS_AT_ONCE, "ltictl-sync") as syncing:
            for each in [
                syncing.submit(_write_durably, temporaries[path], data, PRIVATE_FILE)
                for path, data in files.items()
            ]:
                each.result()
        for path, temporary in temporaries.items():
            _replace(temporary, path)
        for folder in dict.fromkeys(path.parent for path in files):
            sync_folder(folder)
    except BaseException as error:
        for temporary in temporaries.values():
            discard(temporary)
        if isinstance(error, OSError):
            raise cannot_write(next(iter(files)), error) from error
        raise


def discard(path: Path) -> None:
    """Remove a temporary file that was not needed, as far as that is possible."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _write_durably(path: Path, data: bytes, mode: int) -> None:
    descriptor = create_exclusive(path, mode)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` where nothing may stand yet.

    Raises:
        FileExistsError: something stands there.
        LtictlError: the operating system refused.
    """
    if path.exists() or path.is_symlink():
        raise FileExistsError(path)
    write_whole(path, data)


def move(source: Path, target: Path) -> None:
    """Move a file within the profile, durably.

    Raises:
        LtictlError: the operating system refused.
    """
    try:
        _replace(source, target)
        for folder in dict.fromkeys((target.parent, source.parent)):
            sync_folder(folder)
    except OSError as error:
        raise cannot_write(target, error) from error
