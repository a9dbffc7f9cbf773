"""Runs ltictl repeatedly, each time in a process that it forks after all imports.

Started as a program by ``warm``. It reads orders from its stdin, one JSON object a line: ``argv``,
``env``, ``cwd``, the files ``stdin``, ``stdout`` and ``stderr``, ``gate`` and ``host``. To its
stdout it writes ``pid N``, ``thread N`` where a gate is reached, and ``ended CODE``.

A run with a ``host`` takes itself to be on the machine of that name.

At a gate the run waits for one byte on stdin, so that a tracer can be put on exactly one thread. A
gate is the name of a thread, or the path of a folder: then it stands at the first call that names
something in it.
"""

import base64
import contextlib
import functools
import json
import os
import runpy
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any, NoReturn

from tests.support.fork_program import warm_up

PR_SET_PTRACER = 0x59616D61
# Of the store whose secrets the runs open, in the program's own environment.
PASSPHRASE, SALT = "WARM_PASSPHRASE", "WARM_SALT"
# The cost of a passphrase's key, and what it is here: a tenth of a second each would buy no fault.
COST, CHEAP = "_N", 2**10
# The time that passes until other machines have seen a change: none would act meanwhile.
WAITED = "SEEN_AFTER"


class Line:
    """The two pipes to the process that gives the orders; a run inherits them."""

    def __init__(self) -> None:
        self._orders = os.dup(0)
        self._news = os.dup(1)

    def orders(self) -> Iterator[dict[str, Any]]:
        """Byte by byte: the bytes behind a line end belong to the run."""
        line = b""
        while byte := os.read(self._orders, 1):
            line += byte
            if byte == b"\n":
                yield json.loads(line)
                line = b""

    def tell(self, word: str, number: int) -> None:
        os.write(self._news, f"{word} {number}\n".encode())

    def wait(self) -> None:
        os.read(self._orders, 1)


class Gate:
    """Passed once."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._passed = False

    def wait(self) -> None:
        if self._passed:
            return
        self._passed = True
        _allow_tracing()
        self._line.tell("thread", threading.get_native_id())
        self._line.wait()


def _allow_tracing() -> None:
    """By a process that is no ancestor, where the system restricts that."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)


def at_thread(gate: Gate, name: str) -> None:
    begin = threading.Thread.run

    def run(self: threading.Thread) -> None:
        if self.name == name:
            gate.wait()
        begin(self)

    threading.Thread.run = run  # type: ignore[method-assign]


def at_folder(gate: Gate, folder: str) -> None:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"open", "os.listdir", "os.mkdir"} and str(arguments[0]).startswith(folder):
            gate.wait()

    sys.addaudithook(hook)


def remember_keys_of_passphrases() -> None:
    """Derive the key of the store that all runs share once."""
    from ltictl.store.bucket import sealing

    sealing._derived = functools.cache(sealing._derived)  # noqa: SLF001
    passphrase, salt = (os.environ.get(each, "") for each in (PASSPHRASE, SALT))
    if salt:
        setattr(sealing, COST, CHEAP)
        sealing._derived(passphrase.encode(), base64.b64decode(salt), CHEAP)  # noqa: SLF001


def wait_for_nobody() -> None:
    from ltictl.operations import other_machines

    setattr(other_machines, WAITED, 0.0)


def become(order: dict[str, Any]) -> None:
    """The state of a process that was started afresh: its environment, its folder, its streams."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        opened = os.open(order[name], write if number else os.O_RDONLY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115


def run(order: dict[str, Any], line: Line) -> NoReturn:
    """Be ltictl, to the end; only that the interpreter takes nothing apart, which costs most."""
    become(order)
    if order["host"]:
        socket.gethostname = lambda: order["host"]
    if order["gate"]:
        at = at_folder if order["gate"].startswith("/") else at_thread
        at(Gate(line), order["gate"])
    sys.argv = ["ltictl", *order["argv"]]
    code = 1
    try:
        runpy.run_module("ltictl", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  as the interpreter does with what nobody catches
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)


def main() -> None:
    line = Line()
    warm_up()
    remember_keys_of_passphrases()
    wait_for_nobody()
    for order in line.orders():
        child = os.fork()
        if child == 0:
            run(order, line)
        line.tell("pid", child)
        _, status = os.waitpid(child, 0)
        line.tell("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
