"""Write the findings of a run, many documents at a time."""

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
    """The documents of a run, read and written in one thread.

    Args:
        integrations: the profile's integrations.
        thread: the only thread that touches their files.
    """

    def __init__(self, integrations: Collection[Integration], thread: ThreadPoolExecutor) -> None:
        self._integrations = integrations
        self._thread = thread
        self._turn = asyncio.Lock()
        self._next = _Batch()

    async def read(self, identifier: str) -> Integration:
        """Return an integration.

        Raises:
            LtictlError: its document is damaged, or was removed.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._integrations.get, identifier)

    async def write(self, identifier: str, edit: Edit) -> LtictlError | None:
        """Change the document of an integration, and return the error where it stays unchanged."""
        batch = self._next
        # One document alone costs the disk as much time as a round of requests, so findings wait
        # while the disk is busy, and are written together.
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
