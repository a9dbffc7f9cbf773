"""Disks of a chosen size, in a mount namespace that no other process sees."""

import functools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from tests.support.cli import Home, argv
from tests.support.parts import require
from tests.support.processes import Finished, run_argv

_UNSHARE = ("unshare", "-m", "--propagation", "private")


@functools.cache
def _as_root() -> tuple[str, ...]:
    return () if os.geteuid() == 0 else ("-r",)


def require_namespaces() -> None:
    """Skip the test, or fail it, where no mount namespace can be made."""
    tools = all(shutil.which(name) for name in ("unshare", "nsenter", "mount"))
    works = tools and not subprocess.call(
        [*_UNSHARE, *_as_root(), "true"], stderr=subprocess.DEVNULL
    )
    require("mount namespaces", bool(works), "unshare -m, as root or with user namespaces")


class SmallDisk:
    """A tmpfs at ``place``, visible only to programs run through it, gone with the context.

    Args:
        home: in whose environment ltictl is run.
        place: an empty folder.
        options: of the mount, such as ``size=64k``.
    """

    def __init__(self, home: Home, place: Path, options: str) -> None:
        self._home = home
        self._place = place
        self._options = options

    def __enter__(self) -> Self:
        self._holder = subprocess.Popen(
            [*_UNSHARE, *_as_root(), "sh", "-c", "echo ready; read _"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            raise OSError("no namespace of its own could be made")
        self.run("mount", "-t", "tmpfs", "-o", f"{self._options},mode=700", "tmpfs", self.place)
        return self

    def __exit__(self, *_failure: object) -> None:
        self._holder.communicate(b"\n", 10)

    @property
    def place(self) -> str:
        return str(self._place)

    def run(self, *command: str, input: str = "", fails: bool = False) -> Finished:  # noqa: A002
        """Run something on it."""
        user = ("-U", "--preserve-credentials") if _as_root() else ()
        done = run_argv(
            ["nsenter", "-t", str(self._holder.pid), "-m", *user, *command],
            env=self._home.environment({"PYTHONPATH": str(Path.cwd())}),
            cwd=self._home.path,
            input=input,
        )
        if not fails:
            done.assert_success()
        return done

    def ltictl(self, *arguments: str, input: str = "") -> Finished:  # noqa: A002
        return self.run(*argv(*arguments, profile=self._place), input=input, fails=True)

    def copy_out(self, target: Path) -> Path:
        """The disk's content, where it can be looked at."""
        self.run("cp", "-a", self.place, str(target))
        return target
