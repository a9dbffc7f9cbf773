"""Documents that this machine has read before, by path and version."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from ltictl.errors import LtictlError
from ltictl.store.bucket.objects import Tag
from ltictl.store.files import make_folder, write_whole

# Kinds without secrets. The cache saves requests and decides nothing: where it is damaged or
# missing, everything is read again.
_KINDS: Final = frozenset({"integrations", "organizations", "invitations", "keys", "log"})
_MAX_FILE: Final = 256 * 1024**2
_Entries = dict[str, tuple[str, str, bytes]]


class Cached:
    """The known documents of one kind."""

    def __init__(self, entries: _Entries) -> None:
        self.entries = entries
        self.changed = False

    def get(self, path: str, tag: Tag | None) -> bytes | None:
        """Return the content of a document in the state ``tag``, ``None`` if it is unknown."""
        found = self.entries.get(path)
        known = found is not None and tag is not None and found[:2] == (tag.e_tag, tag.version)
        return found[2] if found is not None and known else None

    def put(self, path: str, tag: Tag, data: bytes | None) -> None:
        """Remember the content of a document."""
        if data:
            self.entries[path] = (tag.e_tag, tag.version, data)
            self.changed = True


def notes_folder(place: str) -> Path:
    """Return the folder on this machine for notes about a store; they hold no secret."""
    import platformdirs

    name = hashlib.sha256(place.encode()).hexdigest()[:32]
    return platformdirs.user_cache_path("ltictl") / "stores" / name


def known_names(place: str, kind: str) -> set[str]:
    """Return the names of documents that this machine has seen in a store; asks no server."""
    return {path.rpartition("/")[2] for path in _read(notes_folder(place) / f"{kind}.cache")}


class ReadCache:
    """The cache of one store.

    Args:
        folder: the folder of its files, ``None`` for no cache.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def opened(self, first: Sequence[str]) -> Iterator[Cached]:
        """Provide the cache of one kind of documents, and write it back if it changed."""
        kind = first[0].partition("/")[0] if first else ""
        if self._folder is None or kind not in _KINDS:
            yield Cached({})
            return
        file = self._folder / f"{kind}.cache"
        cached = Cached(_read(file))
        yield cached
        if cached.changed:
            with contextlib.suppress(LtictlError, OSError):
                make_folder(file.parent)
                write_whole(file, msgspec.msgpack.encode(cached.entries))


def _read(file: Path) -> _Entries:
    try:
        if file.stat().st_size > _MAX_FILE:
            return {}
        return msgspec.msgpack.decode(file.read_bytes(), type=_Entries)
    except (OSError, ValueError, msgspec.MsgspecError):
        return {}
