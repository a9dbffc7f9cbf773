"""Wait until the runs on other machines have seen a change of a shared store."""

import time
from collections.abc import Callable
from typing import Final

from ltictl.operations.context import Context
from ltictl.store.bucket.settled_writes import LONGEST_WRITE
from ltictl.store.bucket.standing import LEASE

# A run relies on what it saw of a store for a lease, and begins a write at its end at the latest.
SEEN_AFTER: Final = LEASE + LONGEST_WRITE


def wait_for_others(
    context: Context, what: str, wait: Callable[[float], object] = time.sleep
) -> None:
    """Wait until no run relies on an earlier state.

    Args:
        context: its ``progress`` says why nothing happens.
        what: the change, for people.
        wait: waits for seconds.
    """
    context.progress(f"Waiting {SEEN_AFTER:.0f} s, until every machine has seen the {what} ...")
    wait(SEEN_AFTER)
