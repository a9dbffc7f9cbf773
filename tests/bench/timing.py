"""Times whole processes in rounds that take turns, and returns medians."""

import contextlib
import os
import pty
import statistics
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.installation import PROGRAMS

# What 'python -c pass' takes on the reference machine; where it takes longer, so may the rest.
REFERENCE_SECONDS = 0.010
BARE = "python"
_MEASURED = PROGRAMS / "measured.py"
_SHOWN = 2000  # characters of what a failed command wrote

# Does the thing once and returns the seconds that count.
Probe = Callable[[], float]
Argv = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds of several probes, one of each in every round."""

    seconds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, baseline: str) -> float:
        """Median of the rounds' own ratios: what slows a whole round down cancels out."""
        pairs = zip(self.seconds[name], self.seconds[baseline], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def normal(self, name: str) -> float:
        """Seconds as they would be on the reference machine; needs the probe ``BARE``."""
        return self.ratio(name, BARE) * REFERENCE_SECONDS


def interleave(probes: Mapping[str, Probe], rounds: int) -> Rounds:
    """Run every probe once unmeasured, then all of them in turn, ``rounds`` times."""
    seconds: dict[str, list[float]] = {name: [] for name in probes}
    for probe in probes.values():
        probe()
    for _ in range(rounds):
        for name, probe in probes.items():
            seconds[name].append(probe())
    return Rounds(seconds)


@dataclass(frozen=True, slots=True)
class Command:
    """A command line that is run to its end.

    Attributes:
        argv: program and arguments.
        env: its whole environment.
        prepare: called before each run, outside of the measured time.
    """

    argv: Argv
    env: Mapping[str, str]
    prepare: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        """Seconds from the start to the end.

        Raises:
            RuntimeError: it failed; its figure would mean nothing.
        """
        return self.run()[0]

    def run(self) -> tuple[float, float]:
        """Seconds from the start to the end, and the most memory it held, in megabytes."""
        self.prepare()
        done = subprocess.run(
            [sys.executable, "-I", "-S", _MEASURED, *self.argv],
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise failure_of(self.argv, done)
        seconds, kilobytes = done.stdout.split()
        return float(seconds), int(kilobytes) / 1024


@dataclass(frozen=True, slots=True)
class OnTerminal:
    """A command line that is run to its end at a terminal of 120 columns, which is read at once.

    Attributes:
        argv: program and arguments.
        env: its whole environment.
    """

    argv: Argv
    env: Mapping[str, str]

    def __call__(self) -> float:
        """Seconds from the start to the end of the output.

        Raises:
            RuntimeError: it failed; its figure would mean nothing.
        """
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, 120))
        env = {**self.env, "TERM": "xterm-256color"}
        shown = b""
        start = time.perf_counter()
        process = subprocess.Popen(
            self.argv, env=env, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
        )
        os.close(theirs)
        with open(ours, "rb", buffering=0) as screen, contextlib.suppress(OSError):  # noqa: PTH123  a descriptor
            while read := screen.read(65536):
                shown = (shown + read)[-_SHOWN:]
        code = process.wait()
        seconds = time.perf_counter() - start
        if code:
            words = shown.decode("utf-8", "replace")
            raise failure_of(self.argv, subprocess.CompletedProcess(self.argv, code, words, ""))
        return seconds


def output_of(argv: Argv, env: Mapping[str, str]) -> str:
    """The text that a command writes to stdout.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(argv, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode:
        raise failure_of(argv, done)
    return done.stdout


def failure_of(argv: Argv, done: subprocess.CompletedProcess[str]) -> RuntimeError:
    """The error for a failed command, with the end of both streams: --json errors go to stdout."""
    command = " ".join(map(str, argv))
    said = "\n".join(each[-_SHOWN:] for each in (done.stdout, done.stderr) if each)
    return RuntimeError(f"{command} ended with {done.returncode}: {said}")
