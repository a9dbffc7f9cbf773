"""Inspect the files of a profile for ``doctor``: their modes, and leftovers of crashes."""

import os
import shlex
import stat
from pathlib import Path

from msgspec import Struct

from ltictl.errors import UnreadableError
from ltictl.store.files import OTHERS
from ltictl.store.layout import secret_places, temporary_files
from ltictl.store.reading import require_inside


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
        too_open=tuple(str(path) for path in secret_places(root) if _is_open(root, path)),
        # Some systems do not go into a folder that is named by a link.
        closing=f"chmod -R go-rwx {shlex.quote(os.path.realpath(root))}",
        leftovers=tuple(str(path) for path in temporary_files(root)),
    )


def _is_open(root: Path, path: Path) -> bool:
    if os.name == "nt":  # rights lie in access lists there, which these bits do not show
        return False
    try:
        require_inside(root, path)  # no command reads through a link that leads out
        # A link has no rights of its own (0777 on Linux): those of its target count.
        return bool(stat.S_IMODE(path.stat().st_mode) & OTHERS)
    except (OSError, UnreadableError):
        return False
