"""On file systems that lack a call, as some network ones do, ltictl reports the truth."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.support.cli import Home
from tests.support.parts import require
from tests.support.processes import Finished, run_argv

ADD = ("org", "add", "other", "--json")


def lacking(home: Home, fault: str, only: Path | None = None) -> Finished:
    """``org add`` with one call answered by an error, everywhere or at one path only."""
    require("strace", shutil.which("strace") is not None, "apt-get install strace")
    call = fault.partition(":")[0]
    chosen = ("-P", str(only)) if only else ()
    options = ("-f", "-qq", "-o", str(home.path / "trace"), "-e", f"trace={call}")
    argv = ["strace", *options, "-e", f"inject={fault}", *chosen]
    return run_argv(
        [*argv, sys.executable, "-m", "ltictl", *ADD], env=home.environment(), cwd=home.path
    )


@pytest.mark.parametrize("error", ["EINVAL", "EOPNOTSUPP", "ENOSYS"])
def test_a_folder_that_cannot_be_synced_is_no_failure(
    home: Home, profile: Path, error: str
) -> None:
    folder = profile / "organizations"

    done = lacking(home, f"fsync:error={error}", folder)

    assert f"= -1 {error}" in (home.path / "trace").read_text(), "the fault was met"
    assert done.code == 0, done
    assert (folder / "other.toml").exists()


def test_a_folder_whose_disk_fails_is_named(home: Home, profile: Path) -> None:
    done = lacking(home, "fsync:error=EIO", profile / "organizations")

    assert done.error["code"] == "cannot_write"
    assert done.error["why"] == "The disk is failing."


@pytest.mark.parametrize("error", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_missing_locks_are_the_cause_that_is_given(home: Home, profile: Path, error: str) -> None:
    done = lacking(home, f"flock:error={error}")

    assert done.error["code"] == "cannot_write"
    assert "locks" in done.error["why"]
    assert not (profile / "organizations" / "other.toml").exists()
