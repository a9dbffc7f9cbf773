"""The places of a profile's things in its folder; no other module makes a path of a name."""

# The shell's completion imports this module: nothing but the standard library, for speed.
import os
from collections.abc import Iterator
from pathlib import Path

DOCUMENT = ".toml"
ATTEMPT = ".attempt"
PRIVATE_KEY = ".pem"
TEMPORARY = ".tmp"
_LOG_FILE = ".ndjson"
# What may be completed: each kind is a folder of the profile, with the suffix of its files.
_NAMED = {
    "organizations": DOCUMENT,
    "integrations": DOCUMENT,
    "invitations": DOCUMENT,
    "attempts": ATTEMPT,
}
# The one document that people write.
SETTINGS = "profile"
# The forms in which a store's address is written.
EXAMPLE_STORES = "s3://bucket/prefix, gs://bucket/prefix, az://container/prefix, file:///folder"
# The folder in a shared store for the objects of a running 'store check'.
CHECKS = "checks"
# In a shared store the private halves of keys lie apart from the public ones.
PRIVATE_KEYS = "private-keys"
SECRETS = "secrets"
REMOVED = "removed"
# In a shared store each line of the log is a document.
LOG = "log"
ATTEMPTS = "attempts"
_LAST_LINE = 10**12 - 1
_LONGEST = 128  # some file systems have no room for more
TOKENS = "tokens"
# Nobody but the owner may read them.
_PRIVATE = (SECRETS, ATTEMPTS, REMOVED, LOG)
IGNORED = """\
# Private keys, secrets and attempts in flight do not belong into a repository.
keys/*.pem
secrets/
attempts/
.lock
.lock.holder
*.tmp
"""


def may_name(identifier: str) -> bool:
    """Return whether an id can name a document: it is no path, and short enough."""
    # A backslash is a separator on Windows, and a leading dot hides a file from 'list'.
    unusual = any(each in identifier for each in "/\\\0") or identifier[:1] == "."
    return not unusual and 0 < len(identifier) <= _LONGEST


def document_file(root: Path, path: str) -> Path:
    """Return the file of a document such as ``integrations/acme-moodle``."""
    return root / f"{path}{DOCUMENT}"


def removed_file(root: Path, path: str, mark: str) -> Path:
    """Return the file that keeps a removed document; ``mark`` makes its name unique."""
    return root / REMOVED / f"{path}.{mark}{DOCUMENT}"


def object_of(path: str) -> str:
    """Return the object in a shared store of a document such as ``integrations/acme-moodle``."""
    return f"{path}{DOCUMENT}"


def document_of_object(name: str) -> str:
    """Return the path of the document in the object ``name``, empty if it holds none."""
    return name.removesuffix(DOCUMENT) if name.endswith(DOCUMENT) else ""


def removed_object(path: str, mark: str) -> str:
    """Return the path at which a shared store keeps a removed document."""
    return f"{REMOVED}/{path}.{mark}"


def lock_file(folder: Path) -> Path:
    """Return the file that the kernel locks for the writer of a folder."""
    return folder / ".lock"


def holder_file(folder: Path) -> Path:
    """Return the file that says who took the lock last."""
    return folder / ".lock.holder"


def ignore_file(root: Path) -> Path:
    """Return the file that keeps secrets out of git."""
    return root / ".gitignore"


def moved_file(root: Path) -> Path:
    """Return the file that says where a profile was moved to."""
    return root / ".moved"


def keys_folder(root: Path) -> Path:
    """Return the folder of the signing keys."""
    return root / "keys"


def private_key_file(root: Path, kid: str) -> Path:
    """Return the file of the private half of one signing key."""
    return keys_folder(root) / f"{kid}{PRIVATE_KEY}"


def attempts_folder(root: Path) -> Path:
    """Return the folder of the registrations in flight."""
    return root / ATTEMPTS


def attempt_file(root: Path, identifier: str) -> Path:
    """Return the file of one registration in flight."""
    return attempts_folder(root) / f"{identifier}{ATTEMPT}"


def attempt_aside(root: Path, identifier: str, mark: str) -> Path:
    """Return the file that keeps an attempt which was put aside."""
    return root / REMOVED / ATTEMPTS / f"{identifier}.{mark}{ATTEMPT}"


def log_folder(root: Path) -> Path:
    """Return the folder of the log of changes."""
    return root / LOG


def log_file(root: Path, first: int) -> Path:
    """Return the file of the log that begins with the line of that number."""
    return log_folder(root) / f"{first:012d}{_LOG_FILE}"


def log_files(root: Path) -> list[Path]:
    """Return the files of the log, oldest first.

    Raises:
        OSError: the folder cannot be read.
    """
    folder = log_folder(root)
    try:
        found = os.listdir(folder)  # noqa: PTH208  names only
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(found) if name.endswith(_LOG_FILE)]


def first_line(file: Path) -> int:
    """Return the number of the line that a file of the log begins with."""
    return int(file.stem) if file.stem.isdecimal() else 0


def log_document(number: int) -> str:
    """Return the path of a numbered line's document in a shared store; the numbers count down."""
    # Down, since a listing is sorted by name: the newest lines come first.
    return f"{LOG}/{_LAST_LINE - number:012d}"


def is_numbered(path: str) -> bool:
    """Return whether such a document is named by its line's number, as older versions did it."""
    return path.rpartition("/")[2].isdecimal()


def names(root: Path, kind: str) -> set[str]:
    """Return the names of one kind of documents, for completion, without opening any.

    Raises:
        OSError: the folder is not there, or cannot be read.
    """
    if kind not in _NAMED:
        return set()
    suffix = _NAMED[kind]
    found = os.listdir(root / kind)  # noqa: PTH208  a third of iterdir's cost
    return {name.removesuffix(suffix) for name in found if name.endswith(suffix)}


def secret_places(root: Path) -> Iterator[Path]:
    """Yield the profile's folder, and every place in it that only its owner may read."""
    yield root
    yield from sorted(keys_folder(root).glob(f"*{PRIVATE_KEY}"))
    for name in _PRIVATE:
        yield from sorted((root / name).rglob("*"))


def temporary_file(path: Path) -> Path:
    """Return a fresh name beside ``path`` for a file that is renamed to it later."""
    # In the same folder, since a rename is atomic within one file system only.
    return path.with_name(f".{path.name}.{os.urandom(6).hex()}{TEMPORARY}")


def temporary_files(root: Path) -> Iterator[Path]:
    """Yield the temporary files that a crash left behind."""
    for pattern in (f".*{TEMPORARY}", f"*/.*{TEMPORARY}"):
        yield from sorted(path for path in root.glob(pattern) if path.is_file())
