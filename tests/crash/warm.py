"""Runs ltictl thousands of times without the half second in which Python starts.

See ``warm_program``: each run is a process of its own, with its own streams, environment and end.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

from tests.support.processes import Finished, text

PROGRAM = Path(__file__).with_name("warm_program.py")
DEADLINE = 60.0
WORKERS = os.cpu_count() or 1

AtGate = Callable[[int], None]


class Warm:
    """One program that has imported all of ltictl, and forks a run at each order.

    Args:
        more: for its own environment.
        start: the beginning of its command line, where it runs on another machine.
    """

    def __init__(self, more: Mapping[str, str] | None = None, start: Sequence[str] = ()) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._program = subprocess.Popen(
            [*start, sys.executable, str(PROGRAM)],
            env={
                **kept,
                **(more or {}),
                "PYTHONPATH": str(Path.cwd()),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def run(  # noqa: PLR0913  one order, by name
        self,
        arguments: tuple[str, ...],
        *,
        env: Mapping[str, str],
        cwd: Path,
        files: Path,
        given: str = "",
        gate: str = "",
        at_gate: AtGate = lambda _: None,
        host: str = "",
        at_start: AtGate = lambda _: None,
    ) -> Finished:
        """Run to the end.

        Args:
            arguments: of ltictl.
            env: the whole environment.
            cwd: where.
            files: a folder for its streams.
            given: for its stdin.
            gate: thread or folder, see ``warm_program``; empty for none.
            at_gate: called with the thread's id while it waits there.
            host: the machine that it takes itself to be on, empty for this one.
            at_start: called with the process's id.
        """
        files.mkdir(exist_ok=True)
        streams = {name: str(files / name) for name in ("stdin", "stdout", "stderr")}
        Path(streams["stdin"]).write_text(given)
        order = {"argv": arguments, "env": dict(env), "cwd": str(cwd), "gate": gate, **streams}
        order["host"] = host
        self._say(json.dumps(order).encode() + b"\n")
        code = self._end(at_gate, at_start)
        out, err = (text(Path(streams[name]).read_bytes()) for name in ("stdout", "stderr"))
        return Finished(code, out, err)

    def _say(self, words: bytes) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(words)

    def _end(self, at_gate: AtGate, at_start: AtGate) -> int:
        with contextlib.ExitStack() as late:
            for word, number in self._news():
                if word == "pid":
                    timer = threading.Timer(DEADLINE, os.kill, (number, signal.SIGKILL))
                    late.callback(timer.cancel)
                    timer.start()
                    at_start(number)
                elif word == "thread":
                    at_gate(number)
                    self._say(b"x")
                else:
                    return number
        raise AssertionError("the program has ended, or did not report the run's end")

    def _news(self) -> Iterator[tuple[str, int]]:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            word, number = line.split()
            yield word.decode(), int(number)

    def close(self) -> None:
        assert self._program.stdin is not None
        self._program.stdin.close()
        self._program.wait(10)
        assert self._program.stdout is not None
        self._program.stdout.close()


class Pair:
    """Two machines with a warm program each, which do one run at a time.

    Args:
        by_host: the programs by the host names of their machines.
    """

    def __init__(self, by_host: Mapping[str, Warm]) -> None:
        self._by_host = by_host
        self._turn = threading.Lock()

    def run(self, arguments: tuple[str, ...], *, host: str, **order: Any) -> Finished:
        """Run on the machine of this name; see ``Warm.run``."""
        return self._by_host[host].run(arguments, **order)

    @contextlib.contextmanager
    def one(self) -> Iterator[Self]:
        """Both, for one user alone."""
        with self._turn:
            yield self


class Crew:
    """As many warm programs as runs may go on at once, until the context ends."""

    def __init__(self, size: int = WORKERS, more: Mapping[str, str] | None = None) -> None:
        self._every = [Warm(more) for _ in range(size)]
        self._idle: SimpleQueue[Warm] = SimpleQueue()
        for each in self._every:
            self._idle.put(each)

    @contextlib.contextmanager
    def one(self) -> Iterator[Warm]:
        """One that nobody else uses meanwhile."""
        warm = self._idle.get(timeout=DEADLINE)
        try:
            yield warm
        finally:
            self._idle.put(warm)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        for each in self._every:
            each.close()
