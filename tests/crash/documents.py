"""Compares a profile's files bit for bit: each is wholly old or wholly new, and private."""

import json
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path

Files = dict[str, bytes]

_CHANGING = {
    "write",
    "n",
    "signing_key",
    "refetch_with",
    "client_id",
    "token_sha256",
    "registration_access_token",  # judged against the books of the LMS
}
_NUMBER = re.compile(r'((?:deployment_id|client_id)\\*": \\*")[^"\\]*')
_DEPLOYMENT = re.compile(r'("id": ")\d+(:[0-9a-f]+)?(?=")')
_IN_THE_CLEAR = b"-----BEGIN PRIVATE KEY"
# An LMS of the run's own has a port and a name that no other has, and a tool entered there a mark.
_OWN = re.compile(r'(?<=127\.0\.0\.1:)\d+|(?<="guid": ")[^"]*|(?<=\(ltictl )[^)]*')


def files_of(profile: Path) -> Files:
    """Every document and key, by its path in the profile."""
    return {
        path.relative_to(profile).as_posix(): path.read_bytes()
        for path in sorted(profile.rglob("*"))
        if path.suffix in {".toml", ".pem"} and path.is_file()
    }


@dataclass(frozen=True)
class Change:
    """The changes of an undisturbed run, apart from values that are new at each run."""

    before: Files
    written: frozenset[tuple[str, str]]
    final: frozenset[tuple[str, str]]
    gone: frozenset[str]
    erased: frozenset[str] = frozenset()

    @classmethod
    def between(cls, before: Files, after: Files, written: list[tuple[str, bytes]]) -> "Change":
        """Take texts written on the way as new too: one run may replace a document twice."""
        new = {(_place(path, before), _meaning(data)) for path, data in written}
        final = {
            (_place(path, before), _meaning(data))
            for path, data in after.items()
            if before.get(path) != data and path.endswith(".toml") and "removed/" not in path
        }
        if not final <= new:
            raise ValueError(f"not seen in the trace: {final - new}")
        gone = frozenset(before) - frozenset(after)
        erased = frozenset(path for path in gone if before[path] not in after.values())
        return cls(before, frozenset(new), frozenset(final), gone, erased)

    def violations(self, profile: Path) -> list[str]:
        """The documents that are neither old nor new, or missing."""
        now = files_of(profile)
        moved = {data for path, data in now.items() if path.startswith("removed/")}
        found = [path for path, data in now.items() if not self._is_whole(path, data)]
        lost = [
            path
            for path, data in self.before.items()
            if path not in now
            and path not in self.erased
            and not (path in self.gone and data in moved)
        ]
        strange = [f"neither old nor new: {path}: {now[path][:2000]!r}" for path in found]
        return strange + [f"lost: {path}" for path in lost]

    def unfinished(self, profile: Path) -> list[str]:
        """The changes of an undisturbed run that this run lacks."""
        now = files_of(profile)
        there = {(_place(path, self.before), _meaning(data)) for path, data in now.items()}
        kept = [f"still there: {path}" for path in self.gone if path in now]
        return kept + [f"not written: {place}" for place, _ in self.final - there]

    def _is_whole(self, path: str, data: bytes) -> bool:
        if self.before.get(path) == data:
            return True
        if path.startswith("removed/"):
            return data in self.before.values()
        if path.endswith(".pem"):  # a new one, or the same one that was in the clear
            may = self.before.get(path, _IN_THE_CLEAR).startswith(_IN_THE_CLEAR)
            wanted = b"ENCRYPTED PRIVATE KEY" if path in self.before else b"PRIVATE KEY"
            return may and data.endswith(wanted + b"-----\n")
        return (_place(path, self.before), _meaning(data)) in self.written


def _place(path: str, before: Files) -> str:
    """Keys have a new name at each run."""
    return "keys/NEW.toml" if path.startswith("keys/") and path not in before else path


def _meaning(data: bytes) -> str:
    try:
        document = tomllib.loads(data.decode())
    except ValueError:
        return "damaged"
    kept = {name: "X" if name in _CHANGING else value for name, value in document.items()}
    text = json.dumps(kept, sort_keys=True, default=lambda moment: type(moment).__name__)
    return _OWN.sub("N", _DEPLOYMENT.sub(r"\1N", _NUMBER.sub(r"\1X", text)))


def open_to_others(folder: Path) -> list[str]:
    """Files and folders that others may read or enter."""
    return [
        f"open to others: {path} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


def leftovers(profile: Path) -> list[str]:
    """Temporary files that stayed behind."""
    return [f"left behind: {path.name}" for path in profile.rglob("*.tmp")]
