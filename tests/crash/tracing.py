"""Runs strace on one thread of a real ltictl: it logs system calls and injects faults.

``when=N`` of strace counts for each thread; with only the writing thread traced, and from a gate
on, N is the number of a call in the log of an undisturbed run.
"""

import codecs
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.support.parts import require
from tests.support.processes import Finished, text

from .warm import DEADLINE, Warm

CALLS = (
    "openat,mkdir,write,writev,pwrite64,fsync,fdatasync,rename,renameat2,unlink,unlinkat,fallocate,"
    "ftruncate,flock,fchmod,link,symlink,socket,connect,sendto,sendmsg,recvfrom,close"
)
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)")
_DOCUMENT = re.compile(
    r'\d+<(?P<folder>[^>]*)/\.(?P<name>[^/>]*\.toml)\.[0-9a-f]+\.tmp>, "(?P<data>.*)", \d+\) = \d+'
)


class Fault(StrEnum):
    """The fault of a run at one call; the value is strace's word for it."""

    KILLED = "signal=SIGKILL"
    TERMINATED = "signal=SIGTERM"
    FULL = "error=ENOSPC"
    BROKEN = "error=EIO"
    READ_ONLY = "error=EROFS"


ONCE = (Fault.KILLED, Fault.TERMINATED, Fault.FULL, Fault.BROKEN)
# What a disk that fails for good refuses; opening is left out, which may be for reading only.
REFUSED = ("write", "fsync", "rename", "unlink", "mkdir", "fallocate", "ftruncate")


@dataclass(frozen=True)
class Call:
    """One call in a log.

    Args:
        name: of the system call.
        number: which call of that name it is, from 1; strace counts like this.
        arguments: the rest of the line.
        kind: the call without all that differs between runs: descriptors, random names, folders.
        turn: which call of that kind it is, from 1.
        reads: whether it closes a file that was opened for reading only.
    """

    name: str
    number: int
    arguments: str
    kind: str
    turn: int
    reads: bool = False

    def is_same(self, other: "Call") -> bool:
        """Whether it is that call of another run, with any other calls between."""
        return (self.kind, self.turn) == (other.kind, other.turn)

    def __str__(self) -> str:
        return f"{self.name}#{self.number}({self.arguments[:150]}"


# What follows the first argument of these is data, or its length.
_SENDING = ("write", "writev", "pwrite64", "sendto", "sendmsg", "recvfrom", "ftruncate")
_RESULT = re.compile(r"\)\s+= .*$")
_VARIES = re.compile(
    r"[^\s\"<]*/home(?=[/>\"])"  # where a run takes place
    r"|(?<=\.)[\w-]{43}(?=\.)|(?<=/)[\w-]{43}(?=\.)"  # a key's id
    r"|(?<=/tmp/)\w{8}(?=[>\"])"
    r"|[0-9a-f]{8,}|\d+(?=<)|\d{2,}"  # random names, descriptors, lengths and ports
)
_READER = re.compile(r".*\bO_RDONLY\b.*= (\d+)<")


def kind_of(name: str, arguments: str) -> str:
    """A call without all that differs between two runs of one command."""
    sends = name in _SENDING
    called = arguments.partition(", ")[0] if sends else _RESULT.sub("", arguments)
    return f"{name} {_VARIES.sub('*', called)}"


@dataclass(frozen=True)
class Traced:
    """How a traced run ended, and what it did from the gate on."""

    finished: Finished
    log: str

    @property
    def calls(self) -> list[Call]:
        counted: Counter[str] = Counter()
        readers: set[str] = set()
        found = []
        for line in self.log.splitlines():
            match = _CALL.match(line)
            if match:
                name, arguments = match["name"], match["arguments"]
                kind = kind_of(name, arguments)
                counted.update((name, kind))
                number = arguments.split("<")[0]
                reads = name == "close" and number in readers
                readers -= {number} if reads else set()
                found.append(Call(name, counted[name], arguments, kind, counted[kind], reads))
                opened = _READER.match(arguments) if name == "openat" else None
                readers |= {opened[1]} if opened else set()
        return found

    def documents(self, profile: Path) -> list[tuple[str, bytes]]:
        """Every document that was written, by the path it was meant for."""
        found = []
        for call in self.calls:
            match = _DOCUMENT.match(call.arguments) if call.name == "write" else None
            if match and match["folder"].startswith(str(profile)):
                place = Path(match["folder"]).relative_to(profile) / match["name"]
                data, _ = codecs.escape_decode(match["data"])
                found.append((place.as_posix(), data))
        return found

    def assert_injected(self, call: Call, fault: Fault) -> None:
        """Fail unless exactly one fault hit, and it hit that call."""
        assert self.injected(call, fault), self.log[-2000:]

    def injected(self, call: Call, fault: Fault) -> bool:
        """Whether exactly one fault hit, and it hit that call."""
        lines = self.log.splitlines()
        if fault is Fault.KILLED:
            hit = lines[-1:] if lines and lines[-1] == "+++ killed by SIGKILL +++" else []
        else:
            mark = "(INJECTED)" if fault in {Fault.FULL, Fault.BROKEN} else "--- SIGTERM "
            hit = [line for line in lines if mark in line]
        if len(hit) != 1:
            return False
        # strace logs a signal in a line of its own, behind the call that it hit.
        before = Traced(self.finished, "\n".join(lines[: lines.index(hit[0]) + 1])).calls
        return bool(before) and before[-1].is_same(call)


def at(call: Call, fault: Fault) -> list[str]:
    """One fault, at one call."""
    return [f"inject={call.name}:{fault.value}:when={call.number}"]


def from_on(call: Call, calls: Sequence[Call], fault: Fault) -> list[str]:
    """All that a disk refuses which fails for good at ``call``, one of ``calls``."""
    before = Counter(each.name for each in calls[: calls.index(call)])
    return [f"inject={name}:{fault.value}:when={before[name] + 1}+" for name in REFUSED]


def require_strace() -> None:
    """Skip the test, or fail it, where strace is not there."""
    require("strace", shutil.which("strace") is not None, "apt-get install strace")


def trace(
    warm: Warm,
    log: Path,
    arguments: tuple[str, ...],
    *,
    gate: str,
    env: Mapping[str, str],
    cwd: Path,
    given: str = "",
    faults: Sequence[str] = (),
) -> Traced:
    """Run to the end with one thread under strace from a gate on.

    Args:
        warm: what runs it.
        log: where strace writes; streams stand beside it.
        arguments: of ltictl.
        gate: thread or folder, see ``warm_program``.
        env: the whole environment.
        cwd: where.
        given: for its stdin.
        faults: from ``at`` or ``from_on``.
    """
    tracers: list[subprocess.Popen[bytes]] = []
    finished = warm.run(
        arguments,
        env=env,
        cwd=cwd,
        files=log.with_name(f"{log.name}.streams"),
        given=given,
        gate=gate,
        at_gate=lambda thread: tracers.append(_attached(thread, log, faults)),
    )
    for tracer in tracers:
        tracer.wait(DEADLINE)
        assert tracer.stderr is not None
        tracer.stderr.close()
    return Traced(finished, log.read_text("utf-8", "replace") if tracers else "")


def _attached(thread: int, log: Path, faults: Sequence[str]) -> "subprocess.Popen[bytes]":
    wanted = [part for expression in (f"trace={CALLS}", *faults) for part in ("-e", expression)]
    tracer = subprocess.Popen(
        ["strace", "-p", str(thread), "-y", "-s", "65536", "-o", str(log), *wanted],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    if b"attached" not in said:
        raise ChildProcessError(f"strace could not attach: {text(said)}")
    return tracer
