"""Tools made with other people's Python libraries, each in an environment of its own.

The environments are installed with ``make peers``, never by the tests.
"""

import json
import os
from pathlib import Path
from typing import Final, Self

from tests.support.parts import require
from tests.support.processes import Finished, Running, run_argv

FOLDER: Final = Path(__file__).parent
ENVIRONMENTS: Final = Path(__file__).parents[3] / ".venv" / "peers"


class PythonPeer:
    """A tool as a process, until the context ends; skips the test where it cannot run.

    Args:
        environment: folder in ``.venv/peers``.
        program: file in this folder.
        arguments: its arguments.
    """

    base_url: str

    def __init__(self, environment: str, program: str, *arguments: str) -> None:
        self._python = ENVIRONMENTS / environment / "bin" / "python"
        self._environment = environment
        self._argv = [str(self._python), str(FOLDER / program), *arguments]

    def __enter__(self) -> Self:
        require(f"the Python peer {self._environment}", self._python.exists(), "make peers")
        self._running = Running(self._argv, env=_environment(), cwd=FOLDER)
        try:
            self.base_url = json.loads(self._running.next_line("stdout", 30))["base_url"]
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_failure: object) -> None:
        self._running.close()


def run_peer(environment: str, program: str, *arguments: str) -> Finished:
    """Run a program of a peer to its end."""
    python = ENVIRONMENTS / environment / "bin" / "python"
    require(f"the Python peer {environment}", python.exists(), "make peers")
    argv = [str(python), str(FOLDER / program), *arguments]
    return run_argv(argv, env=_environment(), cwd=FOLDER)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1"}
