"""Folders are private at any depth, and an interruption leaves nothing behind."""

import errno
import os
import stat
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.store import files
from ltictl.store.files import make_folder, write_each, write_whole


def test_every_folder_on_the_way_is_private(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        make_folder(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(former)

    made = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    assert [stat.S_IMODE(each.stat().st_mode) for each in made] == [0o700] * 3
    make_folder(tmp_path / "a" / "b" / "c")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
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

    def interrupt(descriptor: int, data: bytes) -> None:
        del descriptor, data
        raise interruption

    monkeypatch.setattr(files, "write_all", interrupt)
    with pytest.raises((interruption, LtictlError)):
        write_whole(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_several_files_are_written_together_and_each_is_whole(tmp_path: Path) -> None:
    wanted = {tmp_path / f"document-{number}": b"new" * number for number in range(20)}
    write_whole(tmp_path / "document-0", b"old")

    write_each(wanted)

    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == wanted
    assert {stat.S_IMODE(path.stat().st_mode) for path in wanted} == {0o600}


def test_one_file_that_cannot_be_written_leaves_all_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / "first", tmp_path / "second"]
    for path in paths:
        write_whole(path, b"old")
    whole = files.write_all

    def full(descriptor: int, data: bytes) -> None:
        if data == b"too much":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(descriptor, data)

    monkeypatch.setattr(files, "write_all", full)
    with pytest.raises(LtictlError) as caught:
        write_each({paths[0]: b"new", paths[1]: b"too much"})

    assert caught.value.code == "cannot_write"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(paths, b"old")


def test_where_open_files_cannot_be_replaced_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows; elsewhere a refusal is one at once."""
    path, really, tries = tmp_path / "document", Path.replace, []

    def refuse_twice(source: Path, target: Path) -> Path:
        tries.append(target)
        if len(tries) in {1, 2}:
            raise PermissionError(errno.EACCES, "in use")
        return really(source, target)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    with pytest.raises(LtictlError):
        write_whole(path, b"at once")
    monkeypatch.setattr(files, "_PAUSES", (0.001, 0.001))
    write_whole(path, b"in the end")

    assert path.read_bytes() == b"in the end"
    assert len(tries) == 3
    assert list(tmp_path.iterdir()) == [path]
