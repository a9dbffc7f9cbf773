"""Why a file was refused: each cause is true, and its remedy is a command or a plain step."""

import errno
import os
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.store.output_file import write_output
from ltictl.store.refusals import cannot_read, cannot_write


def refusal(path: Path) -> LtictlError:
    with pytest.raises(LtictlError) as caught:
        write_output(path, b"x")
    return caught.value


def test_a_missing_folder_comes_with_the_command_that_makes_it(tmp_path: Path) -> None:
    error = refusal(tmp_path / "a folder" / "x.json")

    assert error.message.endswith("could not be written: No such file or directory.")
    assert f"The folder {tmp_path}/a folder is not there" in error.why
    assert error.fix.endswith(f"mkdir -p '{tmp_path}/a folder'")


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    error = refusal(tmp_path / "file" / "deep" / "x.json")

    assert error.why == f"{tmp_path}/file is a file, and a folder is needed there."


def test_a_folder_that_is_there_is_not_called_missing() -> None:
    error = cannot_write(Path("/proc/x"), FileNotFoundError(errno.ENOENT, "No such file"))

    assert "not there" not in error.why


@pytest.mark.parametrize(
    ("number", "why", "fix"),
    [
        (errno.ENOSPC, "disk is full", "df -h "),
        (errno.EDQUOT, "disk is full", "df -h "),
        (errno.EROFS, "read-only", "findmnt -T "),
        (errno.EFBIG, "files of that size", "ulimit -f unlimited"),
        (errno.EMFILE, "too many files open", "ulimit -n "),
        (errno.ESTALE, "does not answer", "findmnt -T "),
        (errno.EISDIR, "is a folder", "Move the folder away."),
        (errno.ENAMETOOLONG, "longer than", "shorter path."),
        (errno.EIO, "is failing", "df -h "),
        (errno.EBUSY, "refused it", "ls -ld "),
    ],
)
def test_each_cause_has_a_remedy(tmp_path: Path, number: int, why: str, fix: str) -> None:
    system = OSError(number, os.strerror(number))
    for error in (
        cannot_write(tmp_path / "none" / "x", system),
        cannot_read(tmp_path / "none" / "x", system),
    ):
        assert error.message.endswith(f"{os.strerror(number)}.")
        assert why in error.why
        assert fix in error.fix
        assert str(tmp_path / "none") not in error.fix, "only what is there can be looked at"


def test_a_stranger_learns_whose_folder_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)
    denied = PermissionError(errno.EACCES, "Permission denied")
    own = cannot_write(tmp_path / "x", denied)
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    foreign = cannot_write(tmp_path / "x", denied)

    assert own.fix.endswith(f"chmod u+rwX {tmp_path}")
    assert f"{tmp_path} belongs to " in foreign.why
    assert "chmod" not in foreign.fix
    assert "chown" not in foreign.fix, "it could be a folder of the system"
