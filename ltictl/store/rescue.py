"""Answers that their attempts could not take: one private file each, outside of the profile."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ltictl.errors import LtictlError
from ltictl.model.attempt import Answer
from ltictl.store.attempt_records import decode_answer, encode_answer
from ltictl.store.files import discard, make_folder, write_whole
from ltictl.store.reading import read_own

_SUFFIX = ".answer"


def save_answer(name: str, answer: Answer, folders: Iterable[Path]) -> Path | None:
    """Put an answer into the first folder that can take it.

    Args:
        name: what tells it from every other attempt's.
        answer: what must not be lost.
        folders: where to try, in order.

    Returns:
        The file, or ``None`` if every folder refused.
    """
    for folder in folders:
        path = folder / f"{name}{_SUFFIX}"
        try:
            make_folder(folder)
            if _is_private(folder):
                write_whole(path, encode_answer(answer))
                return path
        except (LtictlError, OSError):
            continue
    return None


def find_answer(name: str, folders: Iterable[Path]) -> tuple[Answer, Path] | None:
    """The answer that ``save_answer`` put somewhere, and its file; ``None`` if there is none."""
    for folder in folders:
        path = folder / f"{name}{_SUFFIX}"
        try:
            data = read_own(folder, path) if _is_private(folder) else None
            if data is not None:
                return decode_answer(data), path
        except (LtictlError, OSError, ValueError, KeyError, TypeError):
            continue
    return None


def drop_answer(path: Path) -> None:
    """Remove an answer that is safe elsewhere; it may hold secrets."""
    discard(path)


def _is_private(folder: Path) -> bool:
    """Return whether nobody else could put something there, as in a folder for temporary files."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    if os.name == "nt":
        return True
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    return private and found.st_uid == os.getuid()
