"""Machines on this one, each with a network and a host name of its own (Linux namespaces).

Such a machine reaches the named ports of this one, and nothing else.
"""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.parts import require
from tests.support.processes import Running

Options = tuple[str, ...]
Ways = tuple[tuple[Options, Options], ...]
PROGRAM = Path(__file__).with_name("machine_program.py")
# Without the right to make namespaces, a user namespace gives it (user_namespaces(7)).
WAYS: Ways = (
    (("--net", "--uts"), ("--net", "--uts")),
    (
        ("--net", "--uts", "--user", "--map-root-user"),
        ("--net", "--uts", "--user", "--preserve-credentials"),
    ),
)


def way_here() -> tuple[Options, Options] | None:
    """The options of unshare and nsenter that work here."""
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return None
    for way in WAYS:
        tried = subprocess.run(["unshare", *way[0], "true"], check=False, capture_output=True)
        if tried.returncode == 0:
            return way
    return None


@contextlib.contextmanager
def machines(
    names: Sequence[str], ports: Sequence[int], folder: Path
) -> Iterator[dict[str, list[str]]]:
    """By name, the beginning of a command line that runs on that machine.

    Args:
        names: their host names.
        ports: of servers on 127.0.0.1, which each machine finds at the same ports of its own.
        folder: for the sockets between them.
    """
    way = way_here()
    require("namespaces", way is not None, "apt-get install util-linux, and the right to them")
    making, entering = way or ((), ())
    places = [str(folder), *map(str, ports)]
    with contextlib.ExitStack() as opened:

        def start(*argv: str) -> Running:
            running = Running([*argv], env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}, cwd=folder)
            opened.callback(running.close)
            running.wait_for_line("ready", "stdout")
            return running

        program = (sys.executable, str(PROGRAM))
        start(*program, "outside", *places)
        found = {}
        for name in names:
            inside = start("unshare", *making, *program, "inside", name, *places)
            found[name] = ["nsenter", "--target", f"{inside.pid}", *entering, "--"]
        yield found
