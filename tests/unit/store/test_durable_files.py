"""Folders are private however deep they are made, and an interruption leaves nothing behind."""

import os
import stat
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.store import files
from ltictl.store.files import make_folder, write_whole


def test_every_folder_on_the_way_is_private(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        make_folder(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(former)

    made = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    assert [stat.S_IMODE(each.stat().st_mode) for each in made] == [0o700] * 3
    make_folder(tmp_path / "a" / "b" / "c")


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")

    with pytest.raises(LtictlError) as caught:
        make_folder(tmp_path / "a" / "b")

    assert caught.value.code == "cannot_write"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, OSError])
def test_an_interruption_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    path = tmp_path / "document"
    write_whole(path, b"old")

    def interrupted(descriptor: int, data: bytes) -> None:
        del descriptor, data
        raise interruption

    monkeypatch.setattr(files, "write_all", interrupted)
    with pytest.raises((interruption, LtictlError)):
        write_whole(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
