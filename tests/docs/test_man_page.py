"""The man page fits the program, and ``man`` can show it."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.support.parts import require

from .man_page import PATH, man_page


def test_the_man_page_is_up_to_date() -> None:
    assert PATH.read_text("utf-8") == man_page(), "run: python -m tests.docs"


def test_groff_finds_nothing_wrong_with_it() -> None:
    groff = shutil.which("groff")
    require("groff", groff is not None, "apt-get install groff-base")

    done = subprocess.run(
        [str(groff), "-man", "-Tutf8", "-ww", str(PATH)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == ""
    assert "rotate-keys" in done.stdout
    assert "--detailed-exitcode" in done.stdout


def test_man_finds_and_shows_it(tmp_path: Path) -> None:
    """As the wheel installs it: in share/man/man1 of the environment."""
    man = shutil.which("man")
    require("man", man is not None, "apt-get install man-db")
    folder = tmp_path / "share" / "man" / "man1"
    folder.mkdir(parents=True)
    shutil.copy(PATH, folder)

    done = subprocess.run(
        [str(man), "-M", str(folder.parent), "ltictl"],
        env={"PATH": os.environ["PATH"], "MANPAGER": "cat", "MANWIDTH": "80", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("LTICTL(1)")
    assert "ltictl register --org acme" in done.stdout
