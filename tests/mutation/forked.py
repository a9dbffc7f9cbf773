"""Run tests in a fork of this process, against a module whose source was changed in memory.

What the tests import is loaded before the fork, except ltictl and the tests themselves: a change
costs the time of its tests and not the start of an interpreter. No file is written.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 60
MEMORY: Final = 2 * 1024**3  # some changes make numbers of gigabytes
_LOADED: Final = (
    *("pytest", "hypothesis.strategies", "hypothesis.internal.conjecture.engine", "msgspec"),
    *("cryptography.hazmat.primitives.asymmetric.ec", "cryptography.hazmat.primitives.kdf.hkdf"),
    *("cryptography.hazmat.primitives.ciphers.aead", "rtoml", "tomli_w", "filelock", "httpx"),
    *("cryptography.hazmat.primitives.asymmetric.rsa", "jwt", "idna", "platformdirs", "rich"),
)
_OPTIONS: Final = (
    *("--noconftest", "-x", "-q", "-p", "no:cacheprovider", "-c", os.devnull),
    *("--import-mode=importlib", "-o", "pythonpath=."),
)


def prepare() -> None:
    """Load what all forks share, and have hypothesis try the same examples each time."""
    for name in _LOADED:
        importlib.import_module(name)
    from hypothesis import settings

    # Several hundred runs: fewer examples than in 'make test', and none from an earlier run.
    settings.register_profile(
        "mutation", derandomize=True, database=None, deadline=None, max_examples=50
    )
    settings.load_profile("mutation")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(ROOT)
    sys.dont_write_bytecode = True


def passes(module: str, source: str, tests: Sequence[str]) -> bool:
    """Whether the tests pass in time while ``source`` stands for the file ``module``."""
    pid = os.fork()
    if not pid:
        os._exit(_run(module, source, tests))
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.005)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def _run(module: str, source: str, tests: Sequence[str]) -> int:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    sys.meta_path.insert(0, _Changed(module, source))
    import pytest

    try:
        return int(pytest.main([*_OPTIONS, *tests]))
    except BaseException:  # noqa: BLE001  any error of a changed module means that it was noticed
        return 1


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a text."""

    def __init__(self, module: str, source: str) -> None:
        self._name = module.removesuffix(".py").replace("/", ".")
        self._path = str(ROOT / module)
        self._source = source

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=self._path)

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self._path
        exec(compile(self._source, self._path, "exec"), vars(module))  # noqa: S102  our own source
