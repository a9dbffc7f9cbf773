"""The man page is the program's, and can be read by man."""

import shutil
import subprocess

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
