"""Write files that are wholly old or wholly new after a crash, and private from birth.

Every write makes a temporary file in the same folder (0600, exclusive, no links followed), writes
all bytes, then calls fsync, rename, and fsync of the folder.
"""

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ltictl.store.layout import temporary_file
from ltictl.store.refusals import cannot_write

PRIVATE_FILE = 0o600
PUBLIC_FILE = 0o644
PRIVATE_FOLDER = 0o700
OTHERS = 0o077  # the rights of everybody but the owner
_SYNCS_AT_ONCE = 8
# Absent on Windows, where O_EXCL alone already refuses to follow.
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# Some network file systems know no fsync of a folder and say so by one of these. The names in it
# are then as durable as that file system makes them, and the document is written all the same.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
# Only Windows refuses to replace a file that somebody has open.
_PAUSES = (0.01, 0.05, 0.1, 0.3, 0.5) if os.name == "nt" else ()


def make_folder(path: Path) -> None:
    """Make a folder and its parents, private and durable, unless they exist.

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
        FileExistsError: a file, a folder or a link stands at that path.
        OSError: the operating system refused.
    """
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _NO_FOLLOW, mode)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte to a descriptor."""
    view = memoryview(data)
    while view:
        # One ``write`` may write less than it was given, without an error.
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (POSIX; Windows has no such call and needs none)."""
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
    """Put ``data`` at ``path`` so that a crash at any point leaves the old file or the new one.

    Args:
        path: the file.
        data: its whole content.
        mode: permissions of the file from its birth.

    Raises:
        LtictlError: the operating system refused; the former file is untouched.
    """
    with staged(path, data, mode) as put:
        put()


@contextlib.contextmanager
def staged(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> Iterator[Callable[[], None]]:
    """``write_whole`` in two syncs around a block, which takes a lock and calls what it is given.

    Many threads can wait for their syncs at once, and a journalling file system answers them with
    one commit. Inside the lock they would wait one after the other.

    Args:
        path: as of ``write_whole``.
        data: as of ``write_whole``.
        mode: as of ``write_whole``.

    Yields:
        What puts the file in place. The block may end without it; nothing is changed then.

    Raises:
        LtictlError: as ``write_whole``.
    """
    temporary = temporary_file(path)
    try:
        # In this order: a rename that is durable before its bytes would leave an empty file after a
        # crash.
        _write_durably(temporary, data, mode)
        with moving(temporary, path) as put:
            yield put
    except BaseException as error:  # an interruption must not leave the temporary file either
        discard(temporary)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise


@contextlib.contextmanager
def moving(source: Path, target: Path) -> Iterator[Callable[[], None]]:
    """Let a block rename ``source`` to ``target``, and make the new name durable behind it.

    Other runs may read the file before its name is durable, as they always could: they take no
    lock. The one who writes it next syncs the same folder.

    Yields:
        What renames the file.

    Raises:
        OSError: the operating system refused.
    """
    moved = False

    def put() -> None:
        nonlocal moved
        _replace(source, target)
        moved = True

    yield put
    if moved:
        # The target's name first: a crash between the two leaves both names, never none.
        for folder in dict.fromkeys((target.parent, source.parent)):
            sync_folder(folder)


def _replace(source: Path, target: Path) -> None:
    """Rename ``source`` over ``target``; on Windows wait while another program has it open."""
    for pause in _PAUSES:
        try:
            source.replace(target)
        except PermissionError:  # a scanner or a reader, mostly for milliseconds
            time.sleep(pause)
        else:
            return
    source.replace(target)


def write_each(files: Mapping[Path, bytes]) -> None:
    """Put several private files in place; each is whole by itself, not all together.

    Args:
        files: the content of each path.

    Raises:
        LtictlError: the operating system refused; the files not yet replaced are untouched.
    """
    from concurrent.futures import ThreadPoolExecutor

    temporaries = {path: temporary_file(path) for path in files}
    try:
        # Side by side, since a journalling file system answers many waiting syncs with one commit;
        # one after the other each would wait for a commit of its own.
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
    """Remove a temporary file, and ignore an error."""
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
    """Put ``data`` at ``path`` unless something stands there.

    Raises:
        FileExistsError: something stands there.
        LtictlError: the operating system refused.
    """
    if path.exists() or path.is_symlink():
        raise FileExistsError(path)
    write_whole(path, data)


def move_file(source: Path, target: Path) -> None:
    """Move a file within the profile, and make the move durable.

    Raises:
        LtictlError: the operating system refused.
    """
    try:
        with moving(source, target) as put:
            put()
    except OSError as error:
        raise cannot_write(target, error) from error


def remove_file(path: Path) -> None:
    """Remove a file durably.

    Raises:
        LtictlError: the operating system refused.
    """
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
