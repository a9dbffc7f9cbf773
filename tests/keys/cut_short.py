"""Cuts ``ltictl`` short at its N-th call that changes something: FAULT, N, COUNT, arguments.

FAULT is ``killed`` (SIGKILL before the call) or ``full`` (that call fails: no space left). COUNT is
a file that gets the number of such calls where the run comes to its end; with N = 0 it always does.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ltictl.cli.app import main

CHANGING = {"os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "socket.connect"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Scissors:
    """Counts the calls, and cuts at the chosen one."""

    def __init__(self, fault: str, point: int) -> None:
        self._fault = fault
        self._point = point
        self.count = 0

    def call(self) -> None:
        self.count += 1
        if self.count != self._point:
            return
        if self._fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if event in CHANGING or opened:
            self.call()

    def before(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """For calls that raise no audit event."""

        def call(*given: Any, **named: Any) -> Any:
            self.call()
            return original(*given, **named)

        return call


if __name__ == "__main__":
    scissors = Scissors(sys.argv[1], int(sys.argv[2]))
    os.write, os.fsync = scissors.before(os.write), scissors.before(os.fsync)
    sys.addaudithook(scissors.audit)
    code = main(sys.argv[4:])
    total = scissors.count
    Path(sys.argv[3]).write_text(str(total), "ascii")
    sys.exit(code)
