"""The profile's lock, held for one small change at a time.

Never hold it while waiting for a person or the network.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ltictl.errors import LockedError, UnreadableError
from ltictl.store.files import write_all, write_whole
from ltictl.store.layout import holder_file, lock_file, moved_file
from ltictl.store.own_json import parse_own
from ltictl.store.reading import open_own, read_own
from ltictl.store.refusals import cannot_write, moved

if TYPE_CHECKING:
    from filelock import FileLock

# How long a command waits for another one that writes to the same profile.
LOCK_TIMEOUT: Final = timedelta(seconds=10)
_POLL_SECONDS = 0.02
_HAS_FLOCK = os.name != "nt"
# A thread that waits for another process has to poll; threads of one run hand the lock on at once.
_THREADS: dict[str, threading.Lock] = {}
_LOCKS: "dict[Path, FileLock]" = {}


@contextlib.contextmanager
def locked(folder: Path, timeout: float) -> Iterator[None]:
    """Hold the lock of the profile in ``folder``.

    Args:
        folder: the profile.
        timeout: seconds to wait for another holder.

    Raises:
        LockedError: another run held it all that time.
        LtictlError: the lock file cannot be made.
    """
    from filelock import FileLock, Timeout

    with _turn(folder, timeout) as left:
        # A lock of the kernel: it ends with its holder. A soft one would outlive a killed process.
        # One object for each folder, whose making costs as much as taking it.
        lock = _LOCKS.get(folder) or _LOCKS.setdefault(
            folder,
            FileLock(
                lock_file(folder),
                mode=0o600,
                poll_interval=_POLL_SECONDS,
                fallback_to_soft=False,
                thread_local=False,  # only the thread whose turn it is uses it
            ),
        )
        try:
            lock.acquire(timeout=left)
        except Timeout as error:
            raise _locked_by(folder, timeout) from error
        except OSError as error:
            raise cannot_write(lock_file(folder), error) from error
        try:
            require_unmoved(folder)
            _note_holder(folder)
            yield
        finally:
            try:
                lock.release()
            except OSError:  # the work is done, and the lock ends with its object
                _LOCKS.pop(folder, None)


@contextlib.contextmanager
def _turn(folder: Path, timeout: float) -> Iterator[float]:
    """Wait for the other threads of this run, and yield the seconds that are left."""
    until = time.monotonic() + timeout
    turn = _THREADS.setdefault(str(folder), threading.Lock())
    if not turn.acquire(timeout=max(0.0, timeout)):
        raise _locked_by(folder, timeout)
    try:
        yield max(0.0, until - time.monotonic())
    finally:
        turn.release()


def mark_moved(folder: Path, target: str, timeout: float) -> None:
    """Mark the profile in ``folder`` as moved to ``target``, so that it refuses writes.

    Raises:
        LtictlError: it was moved to another place before, or could not be marked.
    """
    mark = moved_file(folder)
    if (read_own(folder, mark) or b"").decode("utf-8", "replace").strip() == target:
        return
    with locked(folder, timeout):
        write_whole(mark, f"{target}\n".encode())


def require_unmoved(folder: Path) -> None:
    """Refuse to write to a profile that was moved to another place.

    Raises:
        LtictlError: ``store_moved``.
    """
    if not moved_file(folder).exists():
        return
    target = read_own(folder, moved_file(folder))
    if target is not None:
        place = target.decode("utf-8", "replace").strip()[:200]
        raise moved(str(folder), place)


def _note_holder(folder: Path) -> None:
    """Write down who holds the lock, for the error of another run."""
    import json

    holder = {"pid": os.getpid(), "since": time.time(), "command": Path(sys.argv[0]).name}
    note = json.dumps(holder).encode("ascii")
    # Somebody may have planted a link there, to have another file overwritten.
    with contextlib.suppress(OSError, UnreadableError):
        descriptor = open_own(folder, holder_file(folder), os.O_CREAT | os.O_WRONLY)
        try:
            if os.fstat(descriptor).st_nlink == 1:
                write_all(descriptor, note)
                # Cut afterwards: ext4 flushes a file that was emptied first when it is closed
                # (auto_da_alloc), which made each taking of the lock three times as slow.
                os.ftruncate(descriptor, len(note))
        finally:
            os.close(descriptor)


def _locked_by(folder: Path, timeout: float) -> LockedError:
    holder = "another run"
    with contextlib.suppress(UnreadableError, OverflowError, ValueError, KeyError, TypeError):
        note = parse_own(read_own(folder, holder_file(folder)) or b"")
        seconds = max(0, int(time.time() - float(note["since"])))
        holder = f"process {int(note['pid'])} ({note['command']!s:.40}), {seconds} s ago"
    return LockedError(
        "profile_locked",
        f"The profile is locked; its lock was last taken by {holder}.",
        why=f"Another ltictl is writing to {folder} and did not finish within {timeout:g} s.",
        fix="Wait for it, or give --lock-timeout a longer time. The lock ends with its holder.",
    )


def hold(descriptor: int) -> None:
    """Mark an open file as in use until it is closed or its process dies; not on Windows."""
    if _HAS_FLOCK:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)  # a run that looks holds it for a moment only


def is_held(descriptor: int) -> bool:
    """Return whether any other open file, of this process or another, is marked as in use."""
    if not _HAS_FLOCK:
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
