"""The run that holds something in a shared store, and whether it still lives."""

import hashlib
import os
import socket
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

# Containers share a machine, and its boot, but not their processes.
_WHICH: Final = ("/proc/sys/kernel/random/boot_id", "/etc/machine-id")


class Holder(Struct, frozen=True):
    """One run of ltictl.

    Attributes:
        machine: a digest that differs between machines, and between containers on one.
        host: its name, for people.
        process: id of the process.
        started: the beginning of that process, in its machine's own count.
        begun: the time at which the run took hold, in seconds since 1970.
        seen: its last sign of life, in seconds since 1970.
    """

    machine: str = ""
    host: str = ""
    process: int = 0
    started: str = ""
    begun: float = 0.0
    seen: float = 0.0

    @property
    def is_this_run(self) -> bool:
        """Whether it is this very process."""
        me = this_run()
        return (self.machine, self.process, self.started) == (me.machine, me.process, me.started)

    @property
    def is_gone(self) -> bool:
        """Whether nobody holds it, or a process of this machine that has ended."""
        if not self.machine:
            return True
        # Clocks differ and a machine may be out of reach: only that machine can tell.
        if self.machine != _machine():
            return False
        # A process id is used again after a while; with its beginning it is unique.
        return _started(self.process) != self.started

    @property
    def is_elsewhere(self) -> bool:
        """Whether another machine holds it."""
        return bool(self.machine) and self.machine != _machine()

    @property
    def description(self) -> str:
        """The run in words for people."""
        begun, seen = (
            time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(at)) for at in _bounded(self)
        )
        name = "".join(each for each in self.host if each.isalnum() or each in ".-_")[:60]
        return f"process {self.process} on {name}, begun {begun}, last heard of {seen}"

    def document(self) -> dict[str, Any]:
        """Return the run as members of a document."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


def holder_of(document: Mapping[str, Any]) -> Holder:
    """Read the holder in a document."""
    try:
        return Holder(
            str(document.get("machine", "")),
            str(document.get("host", "")),
            int(document.get("process", 0)),
            str(document.get("started", "")),
            float(document.get("begun", 0)),
            float(document.get("seen", 0)),
        )
    except (TypeError, ValueError, OverflowError):
        # Counts as held elsewhere: the run may be alive.
        return Holder("damaged")


def this_run() -> Holder:
    """Return this process, seen now."""
    process, now = os.getpid(), time.time()
    return Holder(_machine(), socket.gethostname(), process, _started(process), now, now)


def _bounded(holder: Holder) -> tuple[float, float]:
    latest = 4_000_000_000.0  # 2096: a date that every system can show
    return tuple(min(max(at, 0.0), latest) for at in (holder.begun, holder.seen))  # type: ignore[return-value]


@cache
def _machine() -> str:
    facts = [socket.gethostname()]
    for each in _WHICH:
        try:
            facts.append(Path(each).read_text("ascii").strip())
        except (OSError, ValueError):
            continue
    try:
        facts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:  # no Linux: the address of the network card tells machines apart
        import uuid

        facts.append(str(uuid.getnode()))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]


def _started(process: int) -> str:
    """Return the beginning of a process of this machine, empty where there is none."""
    try:
        found = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return _is_there(process)
    # proc(5), field 22. The name in parentheses may hold blanks; a process id is used again.
    return found.rpartition(")")[2].split()[19]


def _is_there(process: int) -> str:
    if Path("/proc/self").exists() or os.name == "nt" or process <= 0:
        return ""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        return "there"
    return "there"
