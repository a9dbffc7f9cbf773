"""A look over the files of a profile, for ``doctor``: modes, leftovers, damage; changes nothing."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ltictl.store.files import TEMPORARY_SUFFIX

_OTHERS = 0o077
_PRIVATE = ("secrets", "attempts", "removed")


class Files(Struct, frozen=True):
    """What is odd about a profile's files.

    Attributes:
        too_open: secrets that others may read, and folders that others may enter.
        leftovers: temporary files that a crash left behind.
    """

    too_open: tuple[Path, ...]
    leftovers: tuple[Path, ...]


def inspect_files(root: Path) -> Files:
    """Look over the files of the profile in ``root``."""
    return Files(
        too_open=tuple(path for path in _secret_places(root) if _is_open(path)),
        leftovers=tuple(
            path
            for pattern in (f".*{TEMPORARY_SUFFIX}", f"*/.*{TEMPORARY_SUFFIX}")
            for path in sorted(root.glob(pattern))
            if path.is_file()
        ),
    )


def _secret_places(root: Path) -> Iterator[Path]:
    yield root
    yield from sorted(root.glob("keys/*.pem"))
    for name in _PRIVATE:
        yield from sorted((root / name).rglob("*"))


def _is_open(path: Path) -> bool:
    if os.name == "nt":
        return False
    try:
        return bool(stat.S_IMODE(path.lstat().st_mode) & _OTHERS)
    except OSError:
        return False
