"""Documents that this machine has read before, by path and version."""

import contextlib
import hashlib
import os
import zlib
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
# Kinds of which one document is often changed by itself.
_NOTED: Final = frozenset({"integrations", "organizations"})
_MAX_FILE: Final = 256 * 1024**2
_SUM: Final = 4  # bytes of the checksum before the content
_Entry = tuple[str, str, bytes]
_Entries = dict[str, _Entry]


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
        """Remember the content of a document, and that it is gone where there is none."""
        before = self.entries.pop(path, None)
        after = (tag.e_tag, tag.version, data) if data else None
        if after is not None:
            self.entries[path] = after
        self.changed = self.changed or before != after


def notes_folder(place: str) -> Path:
    """Return the folder on this machine for notes about a store; they hold no secret."""
    import platformdirs

    # An address holds slashes and colons, which no file's name may have everywhere.
    name = hashlib.sha256(place.encode()).hexdigest()[:32]
    return platformdirs.user_cache_path("ltictl") / "stores" / name


def known_names(place: str, kind: str) -> set[str]:
    """Return the names of documents that this machine has seen in a store; asks no server."""
    folder = notes_folder(place)
    known = {**_read(folder / f"{kind}.cache"), **dict(_noted(folder / kind).values())}
    return {path.rpartition("/")[2] for path, (_, _, data) in known.items() if data}


class ReadCache:
    """The cache of one store.

    Each kind has one file of all documents that a list read, and a file for each document that was
    read or written by itself since.

    Args:
        folder: the folder of its files, ``None`` for no cache.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def opened(self, first: Sequence[str]) -> Iterator[Cached]:
        """Provide the cache of one kind of documents, and write it back if it changed."""
        kind = _kind_of(first[0]) if first else ""
        if self._folder is None or kind not in _KINDS:
            yield Cached({})
            return
        file = self._folder / f"{kind}.cache"
        cached = Cached(_read(file))
        notes = _noted(self._folder / kind)
        for path, entry in notes.values():
            cached.put(path, Tag(*entry[:2]), entry[2])
        try:
            yield cached
        finally:  # documents read before a failure save the next run their requests
            with contextlib.suppress(LtictlError, OSError):
                if cached.changed:
                    make_folder(file.parent)
                    write_whole(file, _summed(msgspec.msgpack.encode(cached.entries)))
                for note in notes:
                    note.unlink(missing_ok=True)

    def known(self, path: str) -> tuple[bytes, Tag] | None:
        """Return a document as this machine saw it last; it may have changed."""
        if self._folder is None or _kind_of(path) not in _NOTED:
            return None
        note = _read_note(self._note_of(self._folder, path))
        entry = note[1] if note else _read_one(self._folder / f"{_kind_of(path)}.cache", path)
        return (entry[2], Tag(*entry[:2])) if entry and entry[2] else None

    def note(self, path: str, tag: Tag, data: bytes | None) -> None:
        """Remember one document as it is now."""
        if self._folder is None or _kind_of(path) not in _NOTED:
            return
        file = self._note_of(self._folder, path)
        with contextlib.suppress(LtictlError, OSError):
            make_folder(file.parent)
            note = (path, (tag.e_tag, tag.version, data or b""))
            # Neither synced nor renamed: half a file has another sum, and counts for nothing.
            file.write_bytes(_summed(msgspec.msgpack.encode(note)))

    @staticmethod
    def _note_of(folder: Path, path: str) -> Path:
        # By a digest, since some file systems take two names for the same one.
        return folder / _kind_of(path) / f"{hashlib.sha256(path.encode()).hexdigest()[:32]}.cache"


def _kind_of(path: str) -> str:
    return path.partition("/")[0]


def _summed(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_SUM) + data


def _content(file: Path) -> bytes:
    """Return the content of a file, without its checksum.

    Raises:
        OSError, ValueError: it cannot be read, or is damaged.
    """
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size > _MAX_FILE:
            raise ValueError(file.name)
        said, data = opened.read(_SUM), opened.read()
    # A damaged document would be shown, and written back by a change.
    if said != zlib.crc32(data).to_bytes(_SUM):
        raise ValueError(file.name)
    return data


def _read(file: Path) -> _Entries:
    try:
        return msgspec.msgpack.decode(_content(file), type=_Entries)
    except (OSError, ValueError, msgspec.MsgspecError):
        return {}


def _read_one(file: Path, path: str) -> _Entry | None:
    """Return one of many entries, the others of which stay undecoded."""
    try:
        found = msgspec.msgpack.decode(_content(file), type=dict[str, msgspec.Raw]).get(path)
        return None if found is None else msgspec.msgpack.decode(found, type=_Entry)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _read_note(file: Path) -> tuple[str, _Entry] | None:
    try:
        return msgspec.msgpack.decode(_content(file), type=tuple[str, _Entry])
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _noted(folder: Path) -> dict[Path, tuple[str, _Entry]]:
    try:
        files = tuple(folder.iterdir())
    except OSError:
        return {}
    found = ((file, _read_note(file)) for file in files)
    return {file: note for file, note in found if note is not None}
