"""Inspect the files of a profile for ``doctor``: their modes, and leftovers of crashes."""

import os
import shlex
import stat
from pathlib import Path

from msgspec import Struct

from ltictl.store.files import OTHERS
from ltictl.store.layout import secret_places, temporary_files


class FileFindings(Struct, frozen=True):
    """Faults of a profile's files.

    Attributes:
        too_open: secrets that others may read, and folders that others may enter.
        closing: the command that takes the rights of others away.
        leftovers: temporary files that a crash left behind.
    """

    too_open: tuple[str, ...]
    closing: str
    leftovers: tuple[str, ...]


def inspect_files(root: Path) -> FileFindings:
    """Inspect the files of the profile in ``root``; nothing is changed."""
    return FileFindings(
        too_open=tuple(str(path) for path in secret_places(root) if _is_open(path)),
        closing=f"chmod -R go-rwx {shlex.quote(str(root))}",
        leftovers=tuple(str(path) for path in temporary_files(root)),
    )


def _is_open(path: Path) -> bool:
    if os.name == "nt":  # rights lie in access lists there, which these bits do not show
        return False
    try:
        return bool(stat.S_IMODE(path.lstat().st_mode) & OTHERS)
    except OSError:
        return False
