"""Run asynchronous work in a thread of its own, beside a run that reads its results."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import Any


@contextlib.contextmanager
def in_background(work: Coroutine[Any, Any, None]) -> Iterator[Future[None]]:
    """Run asynchronous work until its end or the end of the block, which cancels it.

    A run that waits for the reader of its output would stop an event loop of its own thread, and
    the deadlines of all requests would pass meanwhile.
    """
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, name="ltictl-background")
        thread.start()
        running = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            yield running
        finally:
            running.cancel()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
