"""The objects and listings that a run has seen, so that it asks for each of them once.

Nothing here decides a write: a write names the state that it replaces, and the server refuses it
where that is not the state any more. After a minute, and wherever a person took their time, a run
looks again.
"""

import time
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from ltictl.store.bucket.objects import ListedObject, Tag

_AGE: Final = 60.0
_MANY: Final = 500  # a run that needs more reads them all, and needs each once


class SeenObject(Struct, frozen=True):
    """One object as it was seen.

    Attributes:
        data: its content, ``None`` where there is none.
        tag: its state.
        at: when, on the clock of the memory.
    """

    data: bytes | None
    tag: Tag
    at: float


class _Listing(Struct, frozen=True):
    entries: dict[str, ListedObject]
    at: float


class Memory:
    """The objects and listings of a store that one run has seen.

    Args:
        clock: seconds, never set back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, SeenObject] = {}
        self._listings: dict[str, _Listing] = {}

    def get(self, name: str) -> SeenObject | None:
        """Return an object as it was seen, by itself or by a listing that does not have it."""
        seen = self._seen.get(name)
        if seen is not None and self._is_young(seen.at):
            return seen
        listing = self._listings.get(_folder_of(name))
        if listing is None or not self._is_young(listing.at):
            return None
        entry = listing.entries.get(name)
        if entry is None:
            return SeenObject(None, Tag(), listing.at)
        # An empty object is a removed document, and the listing shows that without a read.
        return SeenObject(b"", entry.tag, listing.at) if not entry.size else None

    def put(self, name: str, data: bytes | None, tag: Tag) -> None:
        """Remember an object as it is now."""
        # A run that reads thousands reads each once: keeping them would only cost memory.
        if len(self._seen) >= _MANY:
            self._seen.clear()
        self._seen[name] = SeenObject(data, tag, self._clock())

    def put_written(self, name: str, data: bytes, tag: Tag) -> None:
        """Remember an object that this run wrote; its folder is listed anew."""
        self._listings.pop(_folder_of(name), None)
        self.put(name, data, tag)

    def forget(self, name: str) -> None:
        """Look for this object again, and list its folder anew."""
        self._listings.pop(_folder_of(name), None)
        self._seen.pop(name, None)

    def forget_below(self, prefix: str) -> None:
        """Look again for everything in the folder ``prefix``, or for all with an empty one."""
        known: dict[str, SeenObject] | dict[str, _Listing]
        for known in (self._seen, self._listings):
            for name in tuple(known):  # other threads may change it meanwhile
                if f"{name}/".startswith(prefix):
                    known.pop(name, None)

    def listing(self, prefix: str) -> tuple[ListedObject, ...] | None:
        """Return the objects in the folder ``prefix``, if they were listed."""
        found = self._listings.get(prefix)
        if found is None or not self._is_young(found.at):
            return None
        return tuple(found.entries.values())

    def put_listing(self, prefix: str, entries: Iterable[ListedObject]) -> None:
        """Remember a listing; what it shows in another state has to be read again."""
        found = _Listing({each.name: each for each in entries}, self._clock())
        self._listings[prefix] = found
        for name, seen in tuple(self._seen.items()):
            entry = found.entries.get(name)
            if not name.startswith(f"{prefix}/"):
                continue
            if entry is not None and entry.tag == seen.tag:
                self._seen[name] = SeenObject(seen.data, seen.tag, found.at)
            else:
                self._seen.pop(name, None)

    def _is_young(self, at: float) -> bool:
        return self._clock() - at < _AGE


def _folder_of(name: str) -> str:
    return name.rpartition("/")[0]
