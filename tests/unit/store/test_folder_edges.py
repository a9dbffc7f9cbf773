"""The edges of a folder's verbs: new listings, the place of a document, the words of errors."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ltictl.errors import LockedError, LtictlError, UnreadableError
from ltictl.store.document_text import (
    fresh_mark,
    parse_document,
    render_document,
)
from ltictl.store.folder import ConflictError, Folder, MissingError
from ltictl.store.lock import LOCK_TIMEOUT, locked

# A folder's own time counts as settled once the coarsest clock must have ticked.
SETTLED = 2_500_000_000
MOMENT = 1_700_000_000_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, 0.05)


class Listings:
    """How often a folder was listed while its time and the clock stand still."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path = path
        self.count = 0
        self.now = MOMENT
        listing = os.listdir

        def count(path: Any) -> list[str]:
            self.count += 1
            return listing(path)

        monkeypatch.setattr("ltictl.store.folder.os.listdir", count)
        monkeypatch.setattr("ltictl.store.folder.time.time_ns", lambda: self.now)

    def set_time(self, moment: int) -> None:
        os.utime(self._path, ns=(moment, moment))


@pytest.mark.parametrize(("age", "count"), [(SETTLED, 2), (SETTLED + 1, 1), (0, 2), (-5, 2)])
def test_a_settled_folder_is_listed_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, age: int, count: int
) -> None:
    folder.create("t/a", {})
    listings = Listings(folder.root / "t", monkeypatch)
    listings.set_time(MOMENT - age)

    assert folder.list("t") == folder.list("t") == ["t/a"]
    assert listings.count == count


@pytest.mark.parametrize("later", [1, -1])
def test_a_folder_of_another_time_is_listed_anew(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    folder.create("t/a", {})
    listings = Listings(folder.root / "t", monkeypatch)
    listings.set_time(MOMENT - 2 * SETTLED)
    folder.list("t")
    folder.create("t/b", {})
    listings.set_time(MOMENT - 2 * SETTLED + later)

    assert folder.list("t") == ["t/a", "t/b"]
    assert listings.count == 2


def test_names_are_those_of_documents_alone(folder: Folder) -> None:
    for name in ("b", "-a", "zz", "a"):
        folder.create(f"t/{name}", {})
    for other in (".toml", ".x.toml", "a.tomk", "a.tomm", "atoml", "a.toml~", "toml"):
        (folder.root / "t" / other).touch()

    assert folder.list("t") == ["t/-a", "t/a", "t/b", "t/zz"]


def test_names_that_begin_so(folder: Folder) -> None:
    for name in ("a", "ab", "ab\U0010fffe", "abc", "b"):
        folder.create(f"t/{name}", {})

    assert folder.list("t", "ab") == ["t/ab", "t/abc", "t/ab\U0010fffe"]
    assert folder.list("t", "c") == folder.list("none", "a") == []


def test_a_file_cannot_be_listed(folder: Folder) -> None:
    (folder.root / "t").touch()

    with pytest.raises(UnreadableError) as caught:
        folder.list("t")
    assert str(folder.root / "t") in caught.value.message


def test_a_document_that_went_meanwhile_is_passed_over(folder: Folder) -> None:
    for name in ("a", "b", "c"):
        folder.create(f"t/{name}", {"x": name})
    paths = folder.list("t")
    (folder.root / "t" / "a.toml").unlink()

    assert [path for path, _ in folder.read_many(paths)] == ["t/b", "t/c"]


def test_a_damaged_document_comes_as_its_error(folder: Folder) -> None:
    folder.create_raw("t/a", b"x = ")
    folder.create("t/b", {"x": 1})

    found = dict(folder.read_many(folder.list("t")))

    assert isinstance(found["t/a"], UnreadableError)
    assert not isinstance(found["t/b"], UnreadableError)


def test_nothing_is_removed_to_a_folder_that_leads_out(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "profile")
    folder.create("t/a", {"x": 1})
    (tmp_path / "outside").mkdir()
    (folder.root / "removed").symlink_to(tmp_path / "outside")

    with pytest.raises(UnreadableError):
        folder.delete("t/a", folder.raw("t/a"))
    assert folder.list("t") == ["t/a"]
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_document_has_a_place_and_may_exist_as_a_broken_link(folder: Folder) -> None:
    (folder.root / "a.toml").symlink_to("nowhere")

    assert folder.place("t/b") == str(folder.root / "t" / "b.toml")
    assert folder.exists("a")
    assert not folder.exists("b")


def test_any_raw_bytes_are_copied(folder: Folder) -> None:
    folder.create_raw("t/a", b"x = ")

    assert folder.raw("t/a") == b"x = "
    with pytest.raises(MissingError):
        folder.raw("t/b")
    with pytest.raises(ConflictError):
        folder.create_raw("t/a", b"y = 1")
    assert folder.raw("t/a") == b"x = "


def test_a_folder_is_set_up_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new" / "profile")
    folder.set_up("profile", "x = 1\n")

    assert (folder.root / "profile.toml").read_text() == "x = 1\n"
    assert "secrets" in (folder.root / ".gitignore").read_text()
    with pytest.raises(ConflictError):
        folder.set_up("profile", "x = 2\n")
    assert folder.read("profile")[0] == {"x": 1}


def test_what_git_shall_ignore_may_be_a_persons_choice(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")

    Folder(tmp_path).set_up("profile", "")

    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_removed_document_keeps_its_name_behind_a_mark(folder: Folder) -> None:
    folder.create("t/a", {"x": 1})
    data = folder.raw("t/a")
    folder.delete("t/a", data)

    (kept,) = (folder.root / "removed" / "t").iterdir()
    assert re.fullmatch(r"a\.[0-9a-f]{8}\.toml", kept.name)
    assert kept.read_bytes() == data


@pytest.mark.parametrize("version", [b"", b"\xff"])
def test_a_version_is_the_one_that_was_read_or_none(folder: Folder, version: bytes) -> None:
    folder.create("a", {"x": 1})

    with pytest.raises(ConflictError):
        folder.replace("a", {"x": 2}, version)
    with pytest.raises(ConflictError):
        folder.delete("a", version)
    document, present = folder.read("a")
    folder.replace("a", {"x": 3}, bytes(bytearray(present)))
    assert document["x"] == 1
    assert folder.read("a")[0]["x"] == 3


def test_a_change_may_be_none_and_has_to_find_its_document(folder: Folder) -> None:
    folder.create("a", {"x": 1})
    kept = folder.raw("a")
    folder.change("a", lambda _: None)
    assert folder.raw("a") == kept
    folder.change("a", lambda document: {**document, "x": 2})
    assert folder.read("a")[0]["x"] == 2

    with pytest.raises(MissingError):
        folder.change("b", lambda document: document)


def test_several_changes_name_the_unchanged_documents(folder: Folder) -> None:
    folder.create("a", {"x": 1})
    folder.create("b", {"x": 1})
    folder.create_raw("c", b"x = ")
    kept = folder.raw("b")

    failed = folder.change_each(
        {
            "a": lambda document: {**document, "x": 2},
            "b": lambda _: None,
            "c": lambda document: document,
            "d": lambda document: document,
        }
    )

    assert {path: type(error) for path, error in failed.items()} == {
        "c": UnreadableError,
        "d": MissingError,
    }
    assert folder.read("a")[0]["x"] == 2
    assert folder.raw("b") == kept


def test_every_verb_that_writes_waits_for_the_lock_until_its_timeout(folder: Folder) -> None:
    folder.create("a", {})
    version = folder.raw("a")
    with locked(folder.root, 0.05):
        for write in (
            lambda: folder.set_up("profile", ""),
            lambda: folder.create("b", {}),
            lambda: folder.replace("a", {}, version),
            lambda: folder.delete("a", version),
            lambda: folder.change("a", lambda document: document),
            lambda: folder.change_each({"a": lambda document: document}),
        ):
            with pytest.raises(LockedError):
                write()
    assert folder.raw("a") == version
    assert Folder(folder.root)._lock_timeout == LOCK_TIMEOUT.total_seconds()  # noqa: SLF001


@pytest.mark.parametrize("verb", ["read", "raw", "list", "create", "replace", "delete", "change"])
def test_no_verb_follows_a_folder_that_leads_out(tmp_path: Path, verb: str) -> None:
    outside = Folder(tmp_path / "outside")
    outside.create("a", {"x": 1})
    kept = outside.raw("a")
    folder = Folder(tmp_path / "profile")
    folder.create("b", {})
    (folder.root / "t").symlink_to(outside.root)
    given: dict[str, tuple[Any, ...]] = {
        "list": ("t",),
        "create": ("t/new", {}),
        "replace": ("t/a", {}, kept),
        "delete": ("t/a", kept),
        "change": ("t/a", lambda document: document),
    }

    with pytest.raises(UnreadableError):
        getattr(folder, verb)(*given.get(verb, ("t/a",)))
    assert outside.raw("a") == kept
    assert outside.list(".") == ["./a"]


def test_a_rendered_document_has_a_schema_and_a_mark() -> None:
    document = {"schema": 9, "write": "former", "x": 1}

    assert tomllib.loads(render_document(document, "mark").decode()) == {
        "schema": 1,
        "write": "mark",
        "x": 1,
    }
    assert re.fullmatch("[0-9a-f]{16}", tomllib.loads(render_document(document).decode())["write"])
    assert re.fullmatch("[0-9a-f]{16}", fresh_mark())
    assert fresh_mark() != fresh_mark()


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(LtictlError) as caught:
        render_document({"x": "\ud800"})
    assert caught.value.code == "not_text"


@pytest.mark.parametrize("schema", [-1, 0, 2, "'1'"])
def test_another_schema_is_not_read(schema: Any) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_document("/p/t/a.toml", f"schema = {schema}".encode())
    assert caught.value.code == "newer_schema"


def test_a_document_without_a_schema_is_of_the_first() -> None:
    assert parse_document("/p/t/a.toml", b"x = 1") == {"x": 1}
    assert parse_document("/p/t/a.toml", b"schema = 1") == {"schema": 1}


@pytest.mark.parametrize(
    ("file", "shown"),
    [("/p/integrations/a.toml", True), ("/p/t/a.toml", True), ("/p/secrets/a.toml", False)],
)
def test_a_damaged_line_is_shown_unless_it_may_be_a_secret(file: str, *, shown: bool) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_document(file, b"x = 1\nsesame = open\n")
    assert caught.value.code == "damaged_document"
    assert caught.value.message.startswith(file)
    assert ("sesame" in caught.value.message) == shown


@pytest.mark.parametrize("data", [b"\xff", b"a = " + b"[" * 5000])
def test_what_no_reader_takes_is_damaged(data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_document("/p/t/a.toml", data)
    assert caught.value.code == "damaged_document"
    assert caught.value.message.startswith("/p/t/a.toml")
