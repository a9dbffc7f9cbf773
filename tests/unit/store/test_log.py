"""The log's file: whole lines in order after any tear, and a chain that shows tampering."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.model.author import Author
from ltictl.store.folder import Folder
from ltictl.store.log.differences import differences
from ltictl.store.log.file_log import FileLog
from ltictl.store.log.lines import (
    Line,
    LineKind,
    OpenEntry,
    digest,
    next_line,
)
from ltictl.store.log.outcome import EntryOutcome
from ltictl.store.log.recorder import ChangeEntry, Recorder


def write(log: FileLog, *numbers: int) -> list[Line]:
    return [
        log.append(
            lambda tail, number=number: next_line(  # type: ignore[misc]
                tail, LineKind.BEGIN, OpenEntry(f"e{number}", "host", 1, ""), "", {"n": number}
            ),
            durable=True,
        )
        for number in numbers
    ]


def numbers_in(log: FileLog) -> list[int]:
    return [line.body["n"] for _, line in log.lines() if line]


def fits(log: FileLog) -> bool:
    former = ""
    for number, (_, line) in enumerate(log.lines(), 1):
        if line is None or line.seq != number or line.previous != former or not line.is_intact:
            return False
        former = digest(line)
    return True


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    return FileLog(tmp_path / "profile", 5, full_at=2000)


def test_a_profile_of_an_older_version_has_an_empty_log(log: FileLog) -> None:
    assert list(log.lines()) == []
    assert log.tail().seq == 0


def test_a_full_file_is_followed_by_another_and_nothing_is_lost(
    log: FileLog, tmp_path: Path
) -> None:
    write(log, *range(40))

    files = sorted((tmp_path / "profile" / "log").glob("*.ndjson"))
    assert len(files) > 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert numbers_in(log) == list(range(40))
    assert fits(log)
    assert [line.body["n"] for _, line in log.lines(after=30) if line] == list(range(30, 40))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_line_that_was_torn_off_is_cut_and_the_next_one_fits(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("torn")
    log = FileLog(root, 5)
    write(log, 1, 2, 3)
    (file,) = (root / "log").glob("*.ndjson")
    whole = file.read_bytes()
    kept = data.draw(st.integers(0, len(whole)))
    file.write_bytes(whole[:kept])
    left = whole[:kept].count(b"\n")

    assert numbers_in(log) == [1, 2, 3][:left]
    write(log, 9)

    assert numbers_in(log) == [*[1, 2, 3][:left], 9]
    assert fits(log)


@pytest.mark.parametrize(
    "behind",
    [b"", b'{"seq": ', b"no line\n", b"no line\n" * 20_000, b"no line\n" * 20_000 + b"x" * 200_000],
)
def test_the_end_of_a_long_file_is_found_behind_any_damage(tmp_path: Path, behind: bytes) -> None:
    log = FileLog(tmp_path, 5)
    write(log, *range(60))
    (file,) = (tmp_path / "log").glob("*.ndjson")
    assert file.stat().st_size > 65536  # more than is read at first
    whole = file.read_bytes()
    file.write_bytes(whole + behind)

    write(log, 9)

    assert [line.body["n"] for _, line in log.lines() if line] == [*range(60), 9]
    assert log.tail().seq == 61
    assert file.read_bytes().startswith(whole + behind[: behind.rfind(b"\n") + 1])


def test_a_refused_write_leaves_the_log_as_it_was(
    log: FileLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(log, 1)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ltictl.store.log.file_log.os.fsync", fail)
        with pytest.raises(LtictlError, match="could not be written"):
            write(log, 2)

    assert numbers_in(log) == [1]
    write(log, 3)
    assert (numbers_in(log), fits(log)) == ([1, 3], True)


def test_a_line_that_cannot_be_synced_stays_where_another_one_follows_it(
    log: FileLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(log, 1)
    failing = threading.current_thread()

    def fail(_: int) -> None:
        if threading.current_thread() is not failing:
            return
        other = threading.Thread(target=write, args=(log, 3))
        other.start()  # the lock is free while a thread waits for the disk
        other.join()
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("ltictl.store.log.file_log.os.fsync", fail)
        with pytest.raises(LtictlError, match="could not be written"):
            write(log, 2)

    assert (numbers_in(log), fits(log)) == ([1, 2, 3], True)


def test_an_entry_that_ends_while_another_begins_ends_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line is open in the line of the other one, and its thread knows it no more."""
    log = FileLog(tmp_path, 5)
    author = Author("me", "here", "test", "test")
    recorder = Recorder(log, Folder(tmp_path), lambda: author)
    first = ChangeEntry(recorder, "first")
    first.begin()
    whole = os.fsync

    def sync(descriptor: int) -> None:
        whole(descriptor)
        first.end(EntryOutcome.DONE)

    with monkeypatch.context() as patch:
        patch.setattr("ltictl.store.log.file_log.os.fsync", sync)
        second = ChangeEntry(recorder, "second")
        second.begin()
    second.end(EntryOutcome.DONE)

    outcomes = [(line.kind.value, line.body.get("outcome")) for _, line in log.lines() if line]
    assert outcomes == [("begin", None), ("begin", None), ("end", "done"), ("end", "done")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1, "write": "x"}, {"a": 1, "write": "y"}, {}),
        (
            {"p": {"issuer": "a", "name": "n"}},
            {"p": {"issuer": "b", "name": "n"}},
            {"p.issuer": ["a", "b"]},
        ),
        (None, {"a": [1]}, {"a": [None, [1]]}),
        ({"a": "x"}, None, {"a": ["x", None]}),
        ({"secret_sha256": "1"}, {"secret_sha256": "2"}, {}),
    ],
)
def test_differences_are_listed_member_by_member(
    before: dict[str, object] | None, after: dict[str, object] | None, expected: object
) -> None:
    assert differences(before, after) == expected


def test_a_long_value_is_shortened_but_still_compared() -> None:
    long, other = "x" * 5000, "x" * 4999 + "y"

    found = differences({"a": long}, {"a": other})

    (values,) = found.values()
    assert [each["length"] for each in values] == [5002, 5002]
    assert values[0]["sha256"] != values[1]["sha256"]
