"""Remove the key files of earlier exports that no document beside them names."""

import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_MAX_DOCUMENT: Final = 16 * 1024 * 1024  # bytes; a larger one beside is not searched


# A private key that has ceased to sign is of no use to the tool, and a risk.
def remove_key_files(folder: Path, names: Iterable[str]) -> tuple[tuple[Path, ...], list[str]]:
    """Remove key files of a former export after the new document is in place.

    Args:
        folder: folder of the new document.
        names: names of key files that it does not use.

    Returns:
        The removed paths, and a warning for each file that could not be removed.
    """
    removed: list[Path] = []
    warnings: list[str] = []
    there = [each for each in (folder / name for name in names) if _is_file(each)]
    # A school's own export may lie beside, and still name the key.
    named = _text_beside(folder) if there else b""
    for path in there:
        if path.name.encode() in named:
            continue
        try:
            path.unlink()
        except OSError as error:
            warnings.append(f"{path} is not needed any more and stays: {error.strerror}.")
        else:
            removed.append(path)
    return tuple(removed), warnings


def _is_file(path: Path) -> bool:
    with suppress(OSError):
        return stat.S_ISREG(path.lstat().st_mode)
    return False


def _text_beside(folder: Path) -> bytes:
    return b"\n".join(_documents(folder))


def _documents(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".key", ".pub"} and _is_file(path):
            with suppress(OSError):
                if path.stat().st_size <= _MAX_DOCUMENT:
                    yield path.read_bytes()
