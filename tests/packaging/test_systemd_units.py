"""systemd accepts the units of contrib/systemd, and their commands exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import Ltictl
from tests.support.parts import require

UNITS = sorted((Path(__file__).parents[2] / "contrib" / "systemd").iterdir())
INSTALLED = "/usr/local/bin/ltictl"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    require("systemd-analyze", shutil.which("systemd-analyze") is not None, "apt: systemd")
    for each in UNITS:  # a timer needs its service beside it, and a service needs its program
        here = each.read_text().replace(INSTALLED, sys.executable)
        (tmp_path / each.name).write_text(
            re.sub("^Documentation=.*\n", "", here, flags=re.MULTILINE)
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", tmp_path / unit.name],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("unit", [each for each in UNITS if each.suffix == ".service"])
def test_its_command_exists_with_its_options(unit: Path, ltictl: Ltictl) -> None:
    command = re.findall(rf"^ExecStart={INSTALLED} (\S+) (.*)$", unit.read_text(), re.MULTILINE)
    assert len(command) == 1
    name, arguments = command[0]
    help_text = ltictl(name, "--help").stdout

    assert all(option in help_text for option in re.findall(r"--[a-z-]+", arguments))
