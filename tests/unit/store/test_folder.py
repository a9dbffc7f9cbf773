"""Documents on disk: whole or absent, compared before replacement, kept after removal."""

import functools
import os
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.folder import ConflictError, Folder, MissingError

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_created_document_is_read(folder: Folder) -> None:
    folder.create("things/a", {"x": 1, "t": {"y": ["ü"]}})

    document, _ = folder.read("things/a")

    assert {"x": 1, "t": {"y": ["ü"]}, "schema": 1}.items() <= document.items()


def test_every_write_has_a_mark_of_its_own(folder: Folder) -> None:
    folder.create("a", {"x": 1})
    first, version = folder.read("a")
    folder.replace("a", first, version)
    second, later = folder.read("a")

    assert first["write"] != second["write"]
    assert version != later


def test_nothing_is_created_over_a_document_or_a_link(folder: Folder) -> None:
    folder.create("a", {})
    (folder.root / "b.toml").symlink_to(folder.root / "nowhere")

    for name in ("a", "b"):
        with pytest.raises(ConflictError):
            folder.create(name, {})
    assert not (folder.root / "nowhere").exists()


def test_a_document_that_changed_is_not_replaced_or_deleted(folder: Folder) -> None:
    folder.create("a", {"x": 1})
    _, version = folder.read("a")
    (folder.root / "a.toml").write_text("x = 2  # by hand\n")

    with pytest.raises(ConflictError):
        folder.replace("a", {"x": 3}, version)
    with pytest.raises(ConflictError):
        folder.delete("a", version)
    assert folder.read("a")[0] == {"x": 2}, "no mark is needed"


def test_a_deleted_document_is_missing(folder: Folder) -> None:
    folder.create("a", {})
    _, version = folder.read("a")
    folder.delete("a", version)

    with pytest.raises(MissingError):
        folder.read("a")
    with pytest.raises(MissingError):
        folder.replace("a", {}, version)
    with pytest.raises(MissingError):
        folder.delete("a", version)


def test_a_deleted_document_is_kept_and_its_name_is_free_again(folder: Folder) -> None:
    for number in (1, 2):
        folder.create("things/a", {"x": number})
        folder.delete("things/a", folder.read("things/a")[1])

    kept = [tomllib.loads(path.read_text())["x"] for path in (folder.root / "removed").rglob("a.*")]
    assert sorted(kept) == [1, 2]
    assert folder.list("things") == []


def test_several_documents_change_in_one_turn_and_what_cannot_is_named(folder: Folder) -> None:
    for name in ("a", "b", "c"):
        folder.create(name, {"x": 1})
    (folder.root / "b.toml").write_text("x = ")
    kept = (folder.root / "c.toml").read_bytes()

    failed = folder.change_each(
        {
            "a": lambda document: {**document, "x": 2},
            "b": lambda document: document,
            "c": lambda _: None,
            "d": lambda document: document,
        }
    )

    assert {path: type(error) for path, error in failed.items()} == {
        "b": UnreadableError,
        "d": MissingError,
    }
    assert folder.read("a")[0]["x"] == 2
    assert (folder.root / "c.toml").read_bytes() == kept


def test_a_failed_write_leaves_the_former_document_and_no_litter(folder: Folder) -> None:
    folder.create("a", {"x": "former"})
    document, version = folder.read("a")

    with pytest.raises(LtictlError):
        folder.replace("a", {"x": "\ud800"}, version)

    assert folder.read("a")[0] == document
    assert {path.name for path in folder.root.iterdir()} <= {"a.toml", ".lock", ".lock.holder"}


def test_a_folder_that_takes_nothing_is_explained(tmp_path: Path) -> None:
    (tmp_path / "things").write_text("a file")
    folder = Folder(tmp_path)

    with pytest.raises(LtictlError) as caught:
        folder.create("things/a", {"x": 1})
    assert caught.value.code == "cannot_write"
    assert caught.value.fix


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x = ", "damaged_document"),
        (b"\xff", "damaged_document"),
        (b"x = 1\nx = 2", "damaged_document"),
        (b"a = " + b"[" * 5000, "damaged_document"),
        (b"schema = 2", "newer_schema"),
        (b"schema = 'x'", "newer_schema"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_damaged_document_is_named_and_hides_only_itself(
    folder: Folder, content: bytes, code: str
) -> None:
    folder.create("t/a", {"x": 1})
    folder.create("t/c", {"x": 3})
    (folder.root / "t" / "b.toml").write_bytes(content)

    found = dict(folder.read_many(folder.list("t")))

    error = found["t/b"]
    assert isinstance(error, UnreadableError)
    assert error.code == code
    assert str(folder.root / "t" / "b.toml") in error.message
    assert not isinstance(found["t/a"], UnreadableError)
    assert not isinstance(found["t/c"], UnreadableError)


def test_only_documents_are_listed(folder: Folder) -> None:
    folder.create("t/b", {})
    folder.create("t/a", {})
    for name in (".hidden.toml", "a.pem", "a.toml.orig", ".a.toml.1.tmp"):
        (folder.root / "t" / name).write_text("x")

    assert folder.list("t") == ["t/a", "t/b"]
    assert folder.list("nothing") == []


def test_two_writers_never_lose_an_edit(folder: Folder) -> None:
    folder.create("a", {"count": 0})

    def add() -> None:
        for _ in range(25):
            folder.change("a", lambda now: {**now, "count": now["count"] + 1})

    writers = [threading.Thread(target=add) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert folder.read("a")[0]["count"] == 100


def _filled(digit: str, _: object) -> dict[str, str]:
    return {"x": digit * 20_000}


def test_a_reader_never_sees_half_a_document(folder: Folder) -> None:
    folder.create("a", {"x": "0" * 20_000})
    stop = threading.Event()

    def write() -> None:
        for number in range(40):
            folder.change("a", functools.partial(_filled, str(number % 10)))
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not stop.is_set():
        seen.add(len(set(folder.read("a")[0]["x"])))
    writer.join()

    assert seen == {1}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(TEXTS.filter(bool), TEXTS | st.integers(-(2**60), 2**60) | st.booleans()))
def test_any_values_come_back(folder: Folder, values: dict[str, Any]) -> None:
    values = {key: value for key, value in values.items() if key not in {"schema", "write"}}
    folder.create("any", values)

    document, version = folder.read("any")
    folder.delete("any", version)

    assert {k: v for k, v in document.items() if k not in {"schema", "write"}} == values


def test_nobody_else_may_read_a_document_with_any_umask(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        folder = Folder(tmp_path / "new" / "profile")
        folder.create("secrets/a", {"x": 1})
        folder.delete("secrets/a", folder.read("secrets/a")[1])
    finally:
        os.umask(former)

    paths = list((tmp_path / "new").rglob("*"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in paths if path.is_dir()}
    assert set(modes.values()) == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
