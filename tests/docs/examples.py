"""Runs the shell examples of a page as its reader would, with the embedded LMS as the LMS.

In a fence marked ``console`` a line that begins with ``$ `` is a command, ``> `` continues it, and
the other lines are words that must appear in its output (``...`` stands for anything). All blocks
of a page share a folder and exported variables, as one terminal does. A command that waits for a
person stays running; an administrator of the embedded LMS visits the page of ``register``.
"""

import re
import shlex
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.docs.administrator import register_at
from tests.support.cli import Home
from tests.support.processes import Running, run_argv

_FENCE: Final = re.compile(r"^( *)```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SANDBOX, _SECOND, _SITE, _CALLBACK = "8080", "8081", "8000", "8765"
_STATE: Final = ".shell-state"


@dataclass(frozen=True)
class Block:
    """The commands of one fence and what their output has to show."""

    script: str
    expected: tuple[str, ...]

    @property
    def waits_for_lms(self) -> bool:
        """Whether it is a ``register`` that somebody in a browser has to complete."""
        return self.script.startswith("ltictl register") and not (
            "--openid-configuration" in self.script
            or "--timeout 1s" in self.script
            or "--via-lms" in self.script
        )

    @property
    def is_server(self) -> bool:
        """Whether it runs until it is ended."""
        return self.script.startswith(("ltictl sandbox", "python3 -m http.server"))


def blocks(page: str) -> Iterator[Block]:
    """The examples of a page, in order."""
    for match in _FENCE.finditer(page):
        commands: list[str] = []
        expected: list[str] = []
        for line in match[2].splitlines():
            text = line.removeprefix(match[1])
            if text.startswith(("$ ", "> ")):
                commands.append(text[2:])
            elif commands and commands[-1].endswith("\\"):
                commands.append(text)
            elif text.strip():
                expected.append(text)
        yield Block("\n".join(commands) + "\n", tuple(expected))


def shows(output: str, expected: str) -> bool:
    """Whether a line of ``output`` is the ``expected`` one, with any blanks between words."""
    parts = [re.escape(" ".join(part.split())) for part in expected.split("...")]
    pattern = re.compile(r"\s*.*".join(parts))
    return any(pattern.search(" ".join(line.split())) for line in output.splitlines())


@dataclass
class Reader:
    """Somebody who follows a page, command by command."""

    home: Home
    folder: Path
    servers: list[Running] = field(default_factory=list)
    _ports: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self._ports = {usual: _free_port() for usual in (_SANDBOX, _SECOND, _SITE, _CALLBACK)}

    def assert_as_shown(self, block: Block) -> None:
        """Run a block and look whether its output is as shown."""
        output = self._run(block)
        for line in block.expected:
            wanted = self._moved(line)
            assert shows(output, wanted), f"no line like {wanted!r} in:\n{output}"

    def close(self) -> None:
        """End the servers that still run."""
        for server in self.servers:
            server.close()

    def _run(self, block: Block) -> str:
        if block.is_server or block.waits_for_lms:
            return self._leave_running(block)
        done = run_argv(
            ["bash", "-c", self._shell(block.script)],
            env=self._environment(),
            cwd=self.folder,
            timeout=30,
        )
        done.assert_success()
        return done.stdout + done.stderr

    def _leave_running(self, block: Block) -> str:
        command = block.script.strip()
        if block.waits_for_lms:
            command += f" --port {self._ports[_CALLBACK]}"
        elif command.startswith("ltictl sandbox") and "--port" not in command:
            command += f" --port {self._ports[_SANDBOX]}"
        running = Running(
            ["bash", "-c", self._shell(f"exec {command}", keep=False)],
            env=self._environment(),
            cwd=self.folder,
        )
        self.servers.append(running)
        if block.waits_for_lms:
            running.wait_for_line("Paste this URL")
            url = running.next_line().strip()
            register_at(f"http://127.0.0.1:{self._ports[_SANDBOX]}", url)
            running.wait()
        elif "sandbox" in command:
            running.wait_for_line("Manage tools")
        else:
            running.wait_for_line("Serving HTTP", "stdout")
        return running.output("stdout") + running.output("stderr")

    def _shell(self, script: str, *, keep: bool = True) -> str:
        before = f"set -e; [ ! -f {_STATE} ] || . ./{_STATE}\n"
        after = f"\nexport -p > {_STATE}\n" if keep else ""
        unset = "unset LTICTL_PROFILE\n" if "unset LTICTL_PROFILE" in script else ""
        return before + unset + self._moved(script) + after

    def _moved(self, text: str) -> str:
        for usual, free in self._ports.items():
            text = re.sub(rf"(?<=[: ]){usual}\b", free, text)
        return text

    def _environment(self) -> dict[str, str]:
        found = self.home.environment({"PYTHONUNBUFFERED": "1"})
        return found | {"PATH": f"{Path(sys.executable).parent}:{found['PATH']}"}


def commands_in(text: str) -> Iterator[list[str]]:
    """Every ``ltictl`` command line in the fences of a page, whether it is run or not."""
    for fence in re.finditer(r"^ *```[a-z]*\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        joined = fence[1].replace("\\\n", " ")
        for line in joined.splitlines():
            found = re.search(r"(?:^|[$ ]|run: )(ltictl [a-z-].*)", line)
            if found and ":" not in line.partition("ltictl ")[0].replace("run:", ""):
                yield _words(found[1])


def _words(line: str) -> list[str]:
    plain = re.split(r"[|<>;)]| \|\| ", line)[0]
    try:
        return shlex.split(plain)
    except ValueError:
        return plain.split()


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])
