"""Writes down what a run of ``verify`` finds, many documents at a time.

One document alone costs the disk as much time as a whole round of requests; so what is found while
the disk is busy waits and is written together. The files belong to one thread of their own.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct, field

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration
from ltictl.store.collection import Collection

Edit = Callable[[Integration], Integration]


class _Batch(Struct):
    edits: dict[str, Edit] = field(default_factory=dict)
    failed: Mapping[str, LtictlError] | None = None  # ``None`` until it was written


class Findings:
    """The documents of a run.

    Args:
        integrations: where they are.
        thread: the one that may touch them.
    """

    def __init__(self, integrations: Collection[Integration], thread: ThreadPoolExecutor) -> None:
        self._integrations = integrations
        self._thread = thread
        self._turn = asyncio.Lock()
        self._next = _Batch()

    async def read(self, identifier: str) -> Integration:
        """Return one integration.

        Raises:
            LtictlError: damaged, or removed meanwhile.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._integrations.get, identifier)

    async def write(self, identifier: str, edit: Edit) -> LtictlError | None:
        """Change one integration's document; why it could not be changed, if so."""
        batch = self._next
        batch.edits[identifier] = edit
        async with self._turn:
            if batch.failed is None:  # the first whose turn it is writes for all that wait
                self._next = _Batch()
                batch.failed = await self._write(batch.edits)
        return batch.failed.get(identifier)

    async def _write(self, edits: Mapping[str, Edit]) -> Mapping[str, LtictlError]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._integrations.change_each, edits)
        except LtictlError as error:
            return dict.fromkeys(edits, error)
