"""File modes protect secrets without an administrator's powers, under any umask (row 16).

For the administrator permissions mean nothing, so that the processes of these tests lay those
powers down where they have them; the files are then those of one user, or of another.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.cli import Home
from tests.support.parts import require

ANOTHER = 61_001
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


class Person:
    """Starts ltictl as a user without any powers and with a umask that forbids nothing."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.folder = home.path
        self.profile = home.path / "profile"

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "ltictl", *args, "--profile", str(self.profile)]
        return self.program(argv)

    def program(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        lay_down = POWERLESS if os.geteuid() == 0 else ()
        return subprocess.run(
            [*lay_down, *argv],
            env=self._home.environment(),
            cwd=self.folder,
            umask=0,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def owner(home: Home) -> Person:
    person = Person(home)
    home.path.joinpath("closed").touch(mode=0)
    looked = person.program(["cat", str(home.path / "closed")])
    require("setpriv, and a system in which modes count", looked.returncode == 1, looked.stderr)
    for args in (
        ("init", "--name", "Example Tool", "--url", "https://tool.example"),
        ("org", "add", "acme"),
        ("registration-url", "--org", "acme"),
        ("relay-page",),
        ("rotate-keys",),
    ):
        done = person.run(*args)
        done.check_returncode()
    return person


def modes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder.parent).as_posix(): stat.S_IMODE(path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


def test_everything_is_private_from_birth(owner: Person) -> None:
    found = modes(owner.profile)

    assert len([name for name in found if "/keys/" in name or "/secrets/" in name]) >= 3
    open_to_others = {name: oct(mode) for name, mode in found.items() if mode & 0o077}
    assert open_to_others == {}


def test_a_stranger_reads_nothing_of_it(owner: Person) -> None:
    require("the administrator, to give the files to somebody else", os.geteuid() == 0)
    for path in (owner.profile, *owner.profile.rglob("*")):
        os.chown(path, ANOTHER, ANOTHER)

    for args in (("list",), ("jwks",), ("doctor",), ("keys", "list"), ("org", "list")):
        done = owner.run(*args)
        assert done.returncode in {1, 4, 8, 9}, done
        assert "Traceback" not in done.stderr
        assert "acme" not in done.stdout


def test_a_profile_that_may_not_be_entered_is_not_called_absent(owner: Person) -> None:
    owner.profile.chmod(0)
    try:
        done = [owner.run(*args) for args in (("list",), ("log",), ("org", "add", "bern"))]
    finally:
        owner.profile.chmod(0o700)

    for each in done:
        assert "There is no profile" not in each.stderr
        assert f"The permissions of {owner.profile} do not allow it." in each.stderr
        assert each.stderr.rstrip().endswith(f"chmod u+rwX {owner.profile}")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_signs_nothing(owner: Person, mode: int) -> None:
    keys = list(owner.profile.glob("keys/*.pem"))
    for key in keys:
        key.chmod(mode)

    done = owner.run("export", "pylti1p3", "--output", str(owner.folder / "lti.json"))

    assert done.returncode == 1
    assert any(f"chmod 600 {key}" in done.stderr for key in keys)
    assert not (owner.folder / "lti.json").exists()


@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_is_followed_by_an_output_and_not_by_a_document(
    owner: Person, dangling: bool
) -> None:
    """The person owns the link of the output; nobody puts links into a profile."""
    elsewhere = owner.folder / "elsewhere"
    if not dangling:
        elsewhere.write_text("mine")
    document = owner.profile / "organizations" / "bern.toml"
    document.symlink_to(elsewhere)

    added = owner.run("org", "add", "bern")

    assert added.returncode != 0
    assert elsewhere.exists() is not dangling
    if not dangling:
        assert elsewhere.read_text() == "mine"

    output = owner.folder / "keys.json"
    output.symlink_to(elsewhere)

    published = owner.run("jwks", "--output", str(output))

    assert published.returncode == 0, published
    assert output.is_symlink()
    assert "keys" in elsewhere.read_text()
