"""The process that owes an entry its outcome: whether it still lives."""

import os
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from ltictl.store.log.lines import OpenEntry

# Nothing tells whether a process of another machine lives.
_FOREIGN_FOR: Final = timedelta(hours=1)


def is_dead(opened: OpenEntry, here: str, living: Collection[str], now: datetime) -> bool:
    """Return whether the process that owes the outcome of an entry is gone.

    Args:
        opened: the entry.
        here: name of this machine.
        living: the open entries of this process.
        now: the time.
    """
    if opened.host == here and opened.pid == os.getpid():
        return opened.entry not in living
    if opened.host == here and os.name != "nt":
        return not _lives(opened.pid)
    return datetime.fromisoformat(opened.at) < now - _FOREIGN_FOR


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's process
        return True
    return True
