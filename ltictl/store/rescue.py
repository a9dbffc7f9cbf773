"""Save answers outside of the profile where their attempts cannot take them."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ltictl.errors import LtictlError
from ltictl.model.attempt import Answer
from ltictl.store.attempt_records import decode_answer, encode_answer
from ltictl.store.files import OTHERS, discard, make_folder, write_whole
from ltictl.store.reading import read_own

_SUFFIX = ".answer"


def save_answer(name: str, answer: Answer, folders: Iterable[Path]) -> Path | None:
    """Write an answer to a private file in the first folder that takes it.

    Args:
        name: name of the file, different for every attempt.
        answer: the answer that must not be lost.
        folders: the folders to try, in order.

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
        except (LtictlError, OSError):  # the answer exists nowhere else: try every folder
            continue
    return None


def find_answer(name: str, folders: Iterable[Path]) -> tuple[Answer, Path] | None:
    """Return an answer that ``save_answer`` wrote, and its file, ``None`` if there is none."""
    for folder in folders:
        path = folder / f"{name}{_SUFFIX}"
        try:
            data = read_own(folder, path) if _is_private(folder) else None
            if data is not None:
                return decode_answer(data), path
        except (LtictlError, OSError, ValueError, KeyError, TypeError):  # not a file of ours
            continue
    return None


def drop_answer(path: Path) -> None:
    """Remove an answer that is safe elsewhere."""
    # It may hold secrets, so no copy stays behind.
    discard(path)


def _is_private(folder: Path) -> bool:
    """Return whether a folder belongs to this user alone."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    if os.name == "nt":
        return True
    # Other users can put files into a folder such as /tmp.
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & OTHERS
    return private and found.st_uid == os.getuid()
