"""An attempt's file takes its room beforehand, and is closed wherever its beginning fails."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.store.attempt_file import Journal, begin_file
from ltictl.store.attempt_records import MAX_ANSWER, encode_intent, encode_record
from tests.support.things import ANSWER, NOW, attempt

# So long that its length and the size of the surroundings share bits.
ATTEMPT = attempt(request="x" * 8192)
INTENT = encode_intent(ATTEMPT)
SURROUNDINGS = 8192


def open_files() -> int:
    return len(os.listdir("/dev/fd"))  # noqa: PTH208  a folder that has no Path of its own


def begin(folder: Path) -> Journal:
    return begin_file(folder / "new.tmp", folder / "new", ATTEMPT)


def assert_room(folder: Path) -> None:
    """The file holds the intent, and zeros for the longest answer."""
    data = (folder / "new.tmp").read_bytes()
    assert len(data) == len(INTENT) + MAX_ANSWER + SURROUNDINGS
    assert data.rstrip(b"\0") == encode_record("INTENT", INTENT)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system has no such call")
def test_the_system_is_asked_for_the_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    take: Callable[[int, int, int], None] = os.posix_fallocate

    def note(descriptor: int, start: int, size: int) -> None:
        asked.append((start, size))
        take(descriptor, start, size)

    monkeypatch.setattr(os, "posix_fallocate", note)
    begin(tmp_path).close()

    assert asked == [(0, len(INTENT) + MAX_ANSWER + SURROUNDINGS)]
    assert_room(tmp_path)


def test_zeros_take_the_room_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)

    begin(tmp_path).close()

    assert_room(tmp_path)


@pytest.mark.parametrize("failure", [OSError("full"), KeyboardInterrupt()])
def test_a_beginning_that_fails_closes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    before = open_files()

    def fail(_: int) -> None:
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(failure)):
        begin(tmp_path)

    assert open_files() == before


def test_a_failed_note_is_reported(tmp_path: Path) -> None:
    file = begin(tmp_path)
    file.close()
    file.close()

    with pytest.raises(LtictlError) as caught:
        file.note_sent(NOW)
    with pytest.raises(OSError, match="descriptor"):
        file.note_answered(ANSWER)
    assert caught.value.code == "cannot_write"
    assert str(tmp_path / "new") in caught.value.message
