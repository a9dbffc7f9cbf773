"""Reads the order of writes, syncs, renames and sent requests from a trace of all threads."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.cli import Home, argv
from tests.support.processes import Finished, run_argv

CALLS = "openat,mkdir,write,fsync,fdatasync,rename,unlink,sendto,sendmsg,recvfrom"
_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
_PATH = re.compile(r'<(?P<open>[^>]*)>|"(?P<named>/[^"]*)"')
_END = r"{\"kind\":\"end\""
_NOTES = (".lock", ".lock.holder")  # for people; nothing depends on them


@dataclass(frozen=True)
class Event:
    """One successful call, with the places in the trace where it began and where it was done."""

    name: str
    arguments: str
    begun: int
    done: int

    @property
    def paths(self) -> list[Path]:
        found = [Path(m["open"] or m["named"]) for m in _PATH.finditer(self.arguments)]
        return [path for path in found if path.is_absolute()]

    @property
    def is_request(self) -> bool:
        sent = self.name in {"sendto", "sendmsg"}
        return sent and any(f'"{method} ' in self.arguments for method in ("POST", "PUT"))

    @property
    def is_word(self) -> bool:
        return self.name == "write" and self.arguments.startswith("1<")

    def __str__(self) -> str:
        return f"line {self.begun}: {self.name}({self.arguments[:200]})"


def traced(
    home: Home,
    log: Path,
    *arguments: str,
    input: str = "",  # noqa: A002 - as in subprocess
) -> tuple[Finished, list[Event]]:
    """Run a command with all its threads traced from the beginning."""
    how = ["strace", "-f", "--seccomp-bpf", "-y", "-s", "200", "-o", str(log)]
    done = run_argv(
        [*how, "-e", f"trace={CALLS}", *argv(*arguments)],
        env=home.environment({"PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1"}),
        cwd=home.path,
        input=input,
    )
    return done, list(_events(log.read_text("utf-8", "replace").splitlines()))


def _events(lines: Sequence[str]) -> Iterable[Event]:
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        match = _LINE.match(line)
        if not match:
            continue
        pid, rest, start = match["pid"], match["rest"], number
        if rest.endswith("<unfinished ...>"):
            begun[pid] = (number, rest.removesuffix("<unfinished ...>"))
            continue
        resumed = _RESUMED.match(rest)
        if resumed:
            start, first = begun.pop(pid)
            rest = first + resumed["rest"]
        call = _CALL.match(rest)
        if call and not call["result"].startswith("-"):
            yield Event(call["name"], call["arguments"], start, number)


class Disk:
    """The writes that a power cut would undo at this moment of a trace.

    Args:
        home: only what lies in it counts, less its folder for temporary files.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._files: dict[Path, Event] = {}
        self._folders: dict[Path, Event] = {}
        self.violations: list[str] = []
        self.renamed = 0

    def see(self, event: Event) -> None:
        paths = [path for path in event.paths if self._counts(path)]
        if event.is_request or event.is_word:
            self.expect_nothing_open(str(event))
        elif paths:
            self._change(event, paths)

    def _change(self, event: Event, paths: list[Path]) -> None:
        effect = {
            "write": self._write,
            "fsync": self._sync,
            "fdatasync": self._sync,
            "rename": self._rename,
            "mkdir": self._name,
            "unlink": self._unlink,
        }.get(event.name)
        if effect:
            effect(event, paths)

    def _counts(self, path: Path) -> bool:
        home = self._home
        inside = path.is_relative_to(home.path) and not path.is_relative_to(home.temporary)
        return inside and path.name not in _NOTES

    def expect_nothing_open(self, moment: str) -> None:
        for what, event in [*self._files.items(), *self._folders.items()]:
            self.violations.append(f"{what} is not synced ({event}) at {moment}")

    def _write(self, event: Event, paths: list[Path]) -> None:
        # The end of an entry may be lost: the next entry makes up for it.
        if not (paths[0].suffix == ".ndjson" and _END in event.arguments):
            self._files[paths[0]] = event

    def _sync(self, event: Event, paths: list[Path]) -> None:
        del event
        self._files.pop(paths[0], None)
        self._folders.pop(paths[0], None)

    def _rename(self, event: Event, paths: list[Path]) -> None:
        source, target = paths
        self.renamed += 1
        if source in self._files:
            self.violations.append(f"{target.name} is put in place before it is synced: {event}")
        for folder in {source.parent, target.parent}:
            self._folders[folder] = event

    def _name(self, event: Event, paths: list[Path]) -> None:
        self._folders[paths[0].parent] = event

    def _unlink(self, event: Event, paths: list[Path]) -> None:
        if not paths[0].name.endswith(".tmp"):
            self._folders[paths[0].parent] = event
