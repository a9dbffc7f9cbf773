"""Wait until the runs on other machines have seen a change of a shared store."""

import time
from collections.abc import Callable
from typing import Final

from ltictl.operations.context import Context

# A run relies on what it saw of a store for a minute; the rest is for the write that follows.
SEEN_AFTER: Final = 65.0


def wait_for_others(
    context: Context, what: str, wait: Callable[[float], object] = time.sleep
) -> None:
    """Wait until no run relies on an earlier state.

    Args:
        context: its ``progress`` says why nothing happens.
        what: the change, for people.
        wait: waits for seconds.
    """
    context.progress(f"Waiting a minute, until every machine has seen the {what} ...")
    wait(SEEN_AFTER)
