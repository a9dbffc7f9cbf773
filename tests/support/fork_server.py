"""Starts ltictl by forking a process that has imported it: a third of a processor's time.

See ``fork_program``. What takes its settings from more than ltictl's own environment is started
afresh all the same, and so is everything where the system lacks what a fork needs.
"""

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from tests.support.fork_program import ORDER_SIZE

PROGRAM: Final = Path(__file__).with_name("fork_program.py")
# Read when ltictl runs. The interpreter, typer or a library reads others when it is imported.
_READ_LATE: Final = {"PATH", "HOME", "TMPDIR", "NO_COLOR", "TERM", "BROWSER", "DISPLAY"}
_READ_LATE_GROUPS: Final = ("LTICTL_", "COVERAGE_", "XDG_", "AWS_", "AZURE_")
_LOCALE: Final = "C.UTF-8"


def can_fork(argv: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether a forked run is as good as one that is started afresh."""
    if not hasattr(os, "pidfd_open") or env.get("LANG") != _LOCALE:
        return False
    others = (name for name in env if name != "LANG" and name not in _READ_LATE)
    size = sum(len(each.encode()) for each in (*argv, *env, *env.values()))
    return size < ORDER_SIZE // 4 and all(name.startswith(_READ_LATE_GROUPS) for name in others)


class Forked:
    """One run, with the interface of ``subprocess.Popen`` as far as it is used."""

    def __init__(self, news: socket.socket, streams: Sequence[IO[bytes]]) -> None:
        self._news = news
        self.stdin, self.stdout, self.stderr = streams
        self._code: int | None = None
        message, descriptors, _, _ = socket.recv_fds(news, 100, 1)
        if not message:
            raise ChildProcessError("the program that forks has ended")
        [self._process], self.pid = descriptors, int(message)

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._end(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it has not come by then.
        """
        code = self._end(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("ltictl", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        # The descriptor means this process, even where another one has its number by now.
        if self._code is None:
            signal.pidfd_send_signal(self._process, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self, timeout: float | None) -> int | None:
        if self._code is None and select.select([self._news], [], [], timeout)[0]:
            self._code = int(self._news.recv(100))
            self._news.close()
            os.close(self._process)
            self._process = -1
        return self._code


class ForkServer:
    """A program that has imported all of ltictl, until it is closed."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "HOME"} or name.startswith("COVERAGE_")
        }
        with theirs:
            # Without the folder of the program (-P), whose modules are named like others; ltictl is
            # the one that is installed, as for a run that is started afresh.
            self._program = subprocess.Popen(
                [sys.executable, "-P", str(PROGRAM), str(theirs.fileno())],
                env={**kept, "LANG": _LOCALE, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, session: bool
    ) -> Forked:
        """Start ltictl with these arguments, its streams pipes.

        Args:
            argv: what follows the program's name.
            env: the whole environment.
            cwd: where.
            session: whether it gets a session of its own.
        """
        order = {"argv": argv, "env": dict(env), "cwd": str(cwd), "session": session}
        order["umask"] = _umask()
        news, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pipes = [os.pipe() for _ in range(3)]
        (given, write), (out, said), (err, complained) = pipes
        with _closed(given, said, complained, theirs.detach()) as descriptors:
            socket.send_fds(self._orders, [json.dumps(order).encode()], descriptors)
        streams = (open(write, "wb"), open(out, "rb"), open(err, "rb"))  # noqa: SIM115, PTH123
        return Forked(news, streams)

    @property
    def pid(self) -> int:
        return self._program.pid

    def close(self) -> None:
        self._orders.close()
        self._program.wait(30)


_STARTING: Final = threading.Lock()


def fork_server() -> ForkServer:
    """The one of this process, which ends with it."""
    with _STARTING:  # tests run commands from several threads at once
        return _only_one()


@functools.cache
def _only_one() -> ForkServer:
    server = ForkServer()
    atexit.register(server.close)
    return server


def _umask() -> int:
    status = Path("/proc/self/status").read_text("ascii", "replace")
    [mask] = (line.split()[1] for line in status.splitlines() if line.startswith("Umask:"))
    return int(mask, 8)


@contextlib.contextmanager
def _closed(*descriptors: int) -> Iterator[list[int]]:
    try:
        yield list(descriptors)
    finally:
        for each in descriptors:
            os.close(each)
