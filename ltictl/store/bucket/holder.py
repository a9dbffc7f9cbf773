"""The run that holds something in a shared store: which machine, which process, since when.

Clocks of machines differ and a runner may be gone: only the machine itself can say that a process
ended.
"""

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
        machine: tells machines, and containers on one, apart.
        host: its name, for people.
        process: id of the process.
        started: when that process began, as its machine counts.
        begun: when the run took what it holds, seconds since 1970.
        seen: its last sign of life.
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
        if self.machine != _machine():
            return False
        return _started(self.process) != self.started

    @property
    def is_elsewhere(self) -> bool:
        """Whether another machine holds it."""
        return bool(self.machine) and self.machine != _machine()

    @property
    def told(self) -> str:
        """The run in words."""
        begun, seen = (time.strftime("%H:%M:%SZ", time.gmtime(at)) for at in _bounded(self))
        name = "".join(each for each in self.host if each.isalnum() or each in ".-_")[:60]
        return f"process {self.process} on {name}, begun {begun}, last heard of {seen}"

    def document(self) -> dict[str, Any]:
        """Return the members of a document."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


def holder_of(document: Mapping[str, Any]) -> Holder:
    """Return the holder that a document names; of a damaged one nobody is known to be gone."""
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
        return Holder("damaged")


def this_run() -> Holder:
    """This process, with a sign of life from now."""
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
    """When a process of this machine began, empty where it is not there."""
    try:
        told = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return _is_there(process)
    return told.rpartition(")")[2].split()[19]


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
