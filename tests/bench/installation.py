"""The package as people have it: a wheel in a fresh environment, launcher and bytecode by pip."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True, slots=True)
class Installation:
    """The paths of the installed programs.

    Attributes:
        work: folder for everything that the run leaves behind.
        python: the interpreter of the environment that has ltictl.
        ltictl: the launcher.
        wheel: the installed file.
        peers: programs of the same kind, by name; empty where they cannot be installed.
    """

    work: Path
    python: Path
    ltictl: Path
    wheel: Path
    peers: dict[str, Path]

    def environment(self, home: Path) -> dict[str, str]:
        """None of the machine's own settings."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.work),
            "LTICTL_HOME": str(home),
            "LANG": "C.UTF-8",
        }

    @property
    def python_version(self) -> str:
        """Of the interpreter, such as ``3.11.7``."""
        return _run(self.python, "-c", "import platform; print(platform.python_version())").strip()

    def add_cloud(self) -> None:
        """Install the client library of object storage too.

        Raises:
            RuntimeError: that failed.
        """
        _run(self.python, "-m", "pip", "install", "--quiet", "--compile", f"{self.wheel}[cloud]")


def install(work: Path, *, peers: bool) -> Installation:
    """Build a wheel of this checkout and install it; environments that stand there are used.

    Raises:
        RuntimeError: that failed.
    """
    wheels = work / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    python = _environment(work / "ltictl")
    _run(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, ROOT)
    (wheel,) = wheels.glob("ltictl-*.whl")
    _run(python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", wheel)
    _run(python, "-m", "pip", "install", "--quiet", "--compile", wheel)  # what it depends on
    found: dict[str, Path] = {}
    for name in ("pipx", "twine") if peers else ():
        try:
            there = _environment(work / name)
            _run(there, "-m", "pip", "install", "--quiet", "--compile", name)
        except RuntimeError:
            sys.stderr.write(f"{name} cannot be installed here; it is left out.\n")
        else:
            found[name] = there.parent / name
    return Installation(work, python, python.parent / "ltictl", wheel, found)


def _environment(folder: Path) -> Path:
    """The interpreter of the environment in ``folder``, which is made if it is not there."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        _run(sys.executable, "-m", "venv", folder)
        _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip>=25")
    return python


def _run(*argv: str | Path) -> str:
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{argv} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
