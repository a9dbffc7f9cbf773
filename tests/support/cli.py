"""The real ``ltictl`` as a process, in a home folder of its own.

``Ltictl.run`` and ``Ltictl.start`` fork a program that has imported ltictl, which ``fork_server``
explains. A terminal, and what a test starts itself with ``argv``, is started as people start it.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.fork_server import can_fork, fork_server
from tests.support.processes import Finished, Process, Running, Start, start_afresh
from tests.support.terminal import Terminal

Env = Mapping[str, str | None]
_COMMAND = (sys.executable, "-m", "ltictl")


@dataclass(frozen=True)
class Home:
    """The home folder of one test, and the environment that leads there."""

    path: Path

    @property
    def ltictl_home(self) -> Path:
        """The folder of ``LTICTL_HOME``."""
        return self.path / "ltictl"

    @property
    def temporary(self) -> Path:
        """The folder for temporary files; the profile does not lie in it."""
        return self.path / "tmp"

    def environment(self, extra: Env | None = None) -> dict[str, str]:
        """None of the machine's own settings; ``None`` in ``extra`` leaves a variable out."""
        env: dict[str, str | None] = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LTICTL_HOME": str(self.ltictl_home),
            "TMPDIR": str(self.temporary),
            "LANG": "C.UTF-8",
        }
        # Set while coverage is measured, for the processes too.
        env |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        env |= dict(extra or {})
        return {name: value for name, value in env.items() if value is not None}


def make_home(path: Path) -> Home:
    """An empty home folder at ``path``."""
    home = Home(path)
    home.temporary.mkdir(parents=True)
    return home


def start_ltictl(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, session: bool
) -> Process:
    """Start what ``argv`` made; forked, where that makes no difference."""
    if not can_fork(argv, env):
        return start_afresh(argv, env=env, cwd=cwd, session=session)
    return fork_server().start(argv[len(_COMMAND) :], env=env, cwd=cwd, session=session)


class Ltictl:
    """Starts ``ltictl`` in one home; ``close`` ends the processes that still run.

    Args:
        home: where it runs.
        start: ``start_afresh`` where a test looks at the start itself, or at the command line that
            the system shows.
    """

    def __init__(self, home: Home, start: Start = start_ltictl) -> None:
        self.home = home
        self._start = start
        self._started: list[Running | Terminal] = []

    def run(
        self,
        *args: str,
        profile: str | Path | None = None,
        env: Env | None = None,
        input: str | None = None,  # noqa: A002 - the name it has in subprocess
        timeout: float = 60,
    ) -> Finished:
        """Run a command to its end, without a terminal; without ``input`` stdin is empty."""
        with Running(
            argv(*args, profile=profile),
            env=self.home.environment(env),
            cwd=self.home.path,
            session=False,
            start=self._start,
        ) as running:
            running.give(input or "")
            return running.wait(timeout)

    __call__ = run

    def start(
        self, *args: str, profile: str | Path | None = None, env: Env | None = None
    ) -> Running:
        """Start a command and leave it running, its stdin an open pipe."""
        running = Running(
            argv(*args, profile=profile),
            env=self.home.environment(env),
            cwd=self.home.path,
            start=self._start,
        )
        self._started.append(running)
        return running

    def terminal(
        self,
        *args: str,
        profile: str | Path | None = None,
        env: Env | None = None,
        columns: int = 120,
        rows: int = 50,
    ) -> Terminal:
        """Start a command on a terminal."""
        terminal = Terminal(
            argv(*args, profile=profile),
            env=self.home.environment(env),
            cwd=self.home.path,
            columns=columns,
            rows=rows,
        )
        self._started.append(terminal)
        return terminal

    def close(self) -> None:
        for started in self._started:
            started.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()


def argv(*args: str, profile: str | Path | None = None) -> list[str]:
    """The command line that runs this checkout's ltictl."""
    chosen = [] if profile is None else ["--profile", str(profile)]
    return [*_COMMAND, *chosen, *args]
