"""Imports all of ltictl once, and runs it in a process that it forks at each order.

``fork_server`` starts this program and hands it one end of a socket. An order is one message there:
JSON with ``argv``, ``env``, ``cwd``, ``umask`` and ``session`` (whether the run gets a session of
its own), and four descriptors: stdin, stdout, stderr and a socket for the news of this run. These
are two messages: the process's id with a descriptor of the process, and its exit code.

Each run is a process of its own, with its own streams, environment and end. It begins where
``python -m ltictl`` begins, but no import costs it any time. No command runs before the fork.
"""

import ast
import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

ORDER_SIZE = 100_000
_FLUSH_FAILED = 120  # as the interpreter says it


def warm_up() -> None:
    """Have everything imported that any command may need, and nothing that a run would change."""
    import ltictl
    from ltictl.net.client import tls_context

    for found in pkgutil.walk_packages(ltictl.__path__, "ltictl."):
        if found.name != "ltictl.__main__":
            module = importlib.import_module(found.name)
            import_what_functions_import(Path(str(module.__file__)))
    tls_context("")
    gc.freeze()


def import_what_functions_import(source: Path) -> None:
    """Import it now: a module that a run loads late opens files in a number that varies."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        named = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
        named += [each.name for each in node.names] if isinstance(node, ast.Import) else []
        for name in named:
            with contextlib.suppress(ImportError):  # another system's
                importlib.import_module(str(name))


def set_coverage_down() -> None:
    """Write down which lines the imports ran; each run then writes only its own."""
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        from coverage import Coverage

        measuring = Coverage.current()
        assert measuring is not None
        measuring.save()
        # At its end, coverage adds every file of a loaded package, which costs a run as much as
        # everything else it does; the data of this program names them all. Coverage registered
        # its function first, so it runs last.
        atexit.register(sys.modules.pop, "ltictl", None)


@dataclass
class Server:
    """Takes orders from a socket until its other end is closed."""

    orders: socket.socket
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _runs: dict[int, tuple[int, socket.socket]] = field(default_factory=dict)

    def serve(self) -> None:
        """Fork a run at each order, and report the end of each."""
        self._selector.register(self.orders, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self.orders:
                    self._end(key.fd)
                elif not self._take():
                    return

    def _take(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self.orders, ORDER_SIZE, 4)
        if not message:
            return False
        *streams, number = descriptors
        news = socket.socket(fileno=number)
        child = os.fork()
        if child == 0:
            news.close()
            self._forget()
            run(json.loads(message), streams)
        for each in streams:
            os.close(each)
        process = os.pidfd_open(child)
        with contextlib.suppress(OSError):  # nobody waits for it any more
            socket.send_fds(news, [b"%d" % child], [process])
        self._runs[process] = (child, news)
        self._selector.register(process, selectors.EVENT_READ)
        return True

    def _end(self, process: int) -> None:
        child, news = self._runs.pop(process)
        _, status = os.waitpid(child, 0)
        self._selector.unregister(process)
        os.close(process)
        with news, contextlib.suppress(OSError):
            news.send(b"%d" % os.waitstatus_to_exitcode(status))

    def _forget(self) -> None:
        """Close what a process that was started afresh would not have."""
        self._selector.close()
        self.orders.close()
        for process, (_, news) in self._runs.items():
            os.close(process)
            news.close()


def run(order: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be ltictl, to the end; only that the interpreter takes nothing apart, which costs most."""
    become(order, streams)
    sys.argv = ["ltictl", *order["argv"]]
    code = end_of_run()
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  as at any end
        atexit._run_exitfuncs()  # noqa: SLF001
        sys.stdout.flush()
    except OSError:
        code = _FLUSH_FAILED
    os._exit(code)


def become(order: dict[str, Any], streams: list[int]) -> None:
    """Take the environment, the folder and the streams of a process that is started afresh."""
    if order["session"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(order["env"])
    os.umask(order["umask"])
    os.chdir(order["cwd"])
    sys.path.insert(0, order["cwd"])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = sys.__stdin__ = _stream(0, "r", "<stdin>")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, "w", "<stdout>")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "w", "<stderr>")  # type: ignore[misc]


def _stream(number: int, mode: str, name: str) -> io.TextIOWrapper:
    """A stream as the interpreter makes it in the locale C.UTF-8."""
    raw = io.FileIO(number, mode, closefd=False)
    raw.name = name
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    errors = "backslashreplace" if number == 2 else "surrogateescape"
    by_lines = number == 2 or raw.isatty()
    stream = io.TextIOWrapper(buffered, "utf-8", errors, newline="\n", line_buffering=by_lines)
    stream.mode = mode  # type: ignore[misc]
    return stream


def end_of_run() -> int:
    """Run ltictl; the exit code of an interpreter that ran it."""
    try:
        runpy.run_module("ltictl", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return int(end.code or 0) & 0xFF
        print(end.code, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001  as the interpreter does with what nobody catches
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        warm_up()
        set_coverage_down()
        Server(orders).serve()


if __name__ == "__main__":
    main()
