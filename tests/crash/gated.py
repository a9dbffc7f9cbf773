"""Runs ltictl and has it wait at a gate, so that a tracer can be put on exactly one thread.

Started as a program: ``gated.py READY GO GATE ARGUMENT...`` with two open descriptors. At the gate
it writes its thread's id to READY and reads one byte from GO. GATE is the name of a thread, or the
path of a folder: then the gate stands at the first call that names something in it.
"""

import contextlib
import os
import runpy
import sys
import threading
from typing import Any

PR_SET_PTRACER = 0x59616D61


class Gate:
    """Passed once.

    Args:
        ready: descriptor to write to.
        go: descriptor to read from.
    """

    def __init__(self, ready: int, go: int) -> None:
        self._ready = ready
        self._go = go
        self._passed = False

    def wait(self) -> None:
        if self._passed:
            return
        self._passed = True
        _allow_tracing()
        os.write(self._ready, f"{threading.get_native_id()}\n".encode())
        os.read(self._go, 1)


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


def main() -> None:
    ready, go, place, *arguments = sys.argv[1:]
    gate = Gate(int(ready), int(go))
    (at_folder if place.startswith("/") else at_thread)(gate, place)
    sys.argv = ["ltictl", *arguments]
    runpy.run_module("ltictl", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
