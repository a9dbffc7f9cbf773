"""Real processes with a deadline on everything: run to the end, or started and read line by line.

Each one is ended by its own id when its context ends.
"""

import contextlib
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, Protocol, Self, TypeVar

Stream = Literal["stdout", "stderr"]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The envelope; fails unless stdout is exactly one JSON object on its own."""
        try:
            value = json.loads(self.stdout)
        except ValueError as error:
            raise AssertionError(f"stdout is not one JSON value ({error}):\n{self}") from error
        assert isinstance(value, dict), f"stdout is no JSON object:\n{self}"
        return value

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON objects among the lines of stderr."""
        found = (as_event(line) for line in self.stderr.splitlines())
        return [event for event in found if event is not None]

    def assert_success(self) -> None:
        """Fail, and show what it wrote, unless it ended with 0."""
        assert self.code == 0, self

    def assert_no_defect(self) -> None:
        """Fail if it ended in an error that ltictl does not know."""
        assert "Traceback" not in self.stdout + self.stderr, self
        assert "failed unexpectedly" not in self.stdout + self.stderr, self

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


def as_event(line: str) -> dict[str, Any] | None:
    """The JSON object on this line, None if it holds anything else."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def run_argv(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    input: str | None = None,  # noqa: A002 - the name it has in subprocess
    timeout: float = 60,
) -> Finished:
    """Run to the end; without ``input`` stdin is empty."""
    try:
        done = subprocess.run(
            argv,
            env=dict(env),
            cwd=cwd,
            input=(input or "").encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        out, err = (text(part or b"") for part in (late.stdout, late.stderr))
        raise AssertionError(
            f"{argv} did not end in {timeout} s\n--- stdout\n{out}\n--- stderr\n{err}"
        ) from late
    return Finished(done.returncode, text(done.stdout), text(done.stderr))


def text(output: bytes) -> str:
    """Output as text; bytes that are no UTF-8 stay visible."""
    return output.decode("utf-8", errors="backslashreplace")


class Process(Protocol):
    """A started process, its streams pipes; ``subprocess.Popen`` is one."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    @property
    def stderr(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Start(Protocol):
    """A way to start a process."""

    def __call__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, session: bool
    ) -> Process: ...


def start_afresh(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, session: bool
) -> Process:
    """Start a program as a shell starts it, maybe in a session of its own."""
    return subprocess.Popen(
        argv,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=session,
    )


class Running:
    """A process that is under way, its output read by threads.

    ``next_line`` and what builds on it go through each stream once, from its beginning.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        session: bool = True,
        start: Start = start_afresh,
    ) -> None:
        self._process = start(argv, env=env, cwd=cwd, session=session)
        self._lines: dict[Stream, list[str]] = {"stdout": [], "stderr": []}
        self._ended: set[Stream] = set()
        self._cursor: dict[Stream, int] = {"stdout": 0, "stderr": 0}
        self._news = threading.Condition()
        pipes: list[tuple[Stream, IO[bytes] | None]] = [
            ("stdout", self._process.stdout),
            ("stderr", self._process.stderr),
        ]
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True) for pair in pipes
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    def output(self, stream: Stream) -> str:
        """All that has come so far."""
        with self._news:
            return "".join(self._lines[stream])

    def assert_no_traceback(self) -> None:
        """Fail if what it wrote so far holds one."""
        assert "Traceback" not in self.output("stderr"), self._so_far()

    def next_line(self, stream: Stream = "stderr", timeout: float = 15) -> str:
        """The next line, without its end; fails if none comes, or the stream has ended."""
        with self._news:
            there = self._news.wait_for(
                lambda: self._has_next(stream) or stream in self._ended, timeout
            )
            if self._has_next(stream):
                self._cursor[stream] += 1
                return self._lines[stream][self._cursor[stream] - 1].rstrip("\n")
        problem = f"{stream} has ended" if there else f"nothing in {timeout} s"
        raise AssertionError(f"waited for a line: {problem}\n{self._so_far()}")

    def wait_for_line(self, part: str, stream: Stream = "stderr", timeout: float = 15) -> str:
        """The next line that holds ``part``; those before it are passed over."""
        return self._next(lambda line: line if part in line else None, part, stream, timeout)

    def next_event(self, name: str | None = None, timeout: float = 15) -> dict[str, Any]:
        """The next JSON object on stderr, or the next whose ``event`` is ``name``."""

        def wanted(line: str) -> dict[str, Any] | None:
            event = as_event(line)
            return event if event and name in {None, event.get("event")} else None

        return self._next(wanted, f"event {name}", "stderr", timeout)

    def give(self, text: str) -> None:
        """Write all that its stdin will hold; a process that ends before may leave some."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(text.encode())
        self.close_stdin()

    def send_line(self, line: str) -> None:
        """Write a line to its stdin."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def close_stdin(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, timeout: float = 15) -> Finished:
        """Wait for its end, and for all it has written."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"did not end in {timeout} s\n{self._so_far()}") from None
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():
                raise AssertionError(f"something it started holds its output\n{self._so_far()}")
        return Finished(code, self.output("stdout"), self.output("stderr"))

    def close(self, grace: float = 3) -> None:
        """End it if it still runs: asked first, then made to."""
        self.close_stdin()
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for reader, pipe in zip(
            self._readers, (self._process.stdout, self._process.stderr), strict=True
        ):
            reader.join(grace)
            if pipe is not None and not reader.is_alive():
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def _next(
        self, wanted: Callable[[str], Found | None], what: str, stream: Stream, timeout: float
    ) -> Found:
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.next_line(stream, max(0.0, deadline - time.monotonic()))
            except AssertionError as error:
                raise AssertionError(f"no {what!r} on {stream} in {timeout} s: {error}") from None
            found = wanted(line)
            if found is not None:
                return found

    def _has_next(self, stream: Stream) -> bool:
        return self._cursor[stream] < len(self._lines[stream])

    def _so_far(self) -> str:
        out, err = self.output("stdout"), self.output("stderr")
        return f"exit code so far {self.code}\n--- stdout\n{out}\n--- stderr\n{err}"

    def _read(self, stream: Stream, pipe: IO[bytes]) -> None:
        for line in pipe:
            with self._news:
                self._lines[stream].append(text(line))
                self._news.notify_all()
        with self._news:
            self._ended.add(stream)
            self._news.notify_all()
