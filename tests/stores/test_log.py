"""The log of a shared store: one document a change, which the changed document proves and pins."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.data_protection.erase import erase_organization
from ltictl.operations.log.check_log import LogFindings, check_log
from ltictl.operations.log.complete_log import complete_log
from ltictl.operations.log.entries import LogEntry
from ltictl.operations.log.history import Question, read_history
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.objects import Objects
from ltictl.store.document_text import Document
from ltictl.store.folder import ConflictError, Version
from ltictl.store.opening import open_profile_at
from ltictl.store.places import copy_documents
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.object_stores import ObjectStore, Server, objects_of

OLD_LINES = Path(__file__).parent / "numbered_log.json"


def profile_at(store: ObjectStore, monkeypatch: pytest.MonkeyPatch, home: Path) -> Profile:
    for name, value in {**store.environment, "HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    return open_profile_at(store.url, 20, lambda: b"pass", store.environment)


@pytest.fixture
def profile(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Profile:
    made = profile_at(s3, monkeypatch, tmp_path)
    made.create('[tool]\nname = "Tool"\nurl = "https://tool.invalid"\n')
    return made


@pytest.fixture
def objects(s3: ObjectStore) -> Objects:
    return objects_of(s3)


def rename(profile: Profile, name: str, slug: str = "acme") -> None:
    profile.organizations.change(slug, lambda known: replace(known, name=name))


def entries_in(profile: Profile) -> list[LogEntry]:
    return read_history(Context(profile), Question())[0]


def check(profile: Profile) -> LogFindings:
    profile.look_again()
    return check_log(Context(profile))


def lines_in(objects: Objects) -> list[str]:
    return [each.name for each in objects.list("log")]


def test_a_change_has_one_line_and_the_document_proves_its_outcome(
    profile: Profile, objects: Objects
) -> None:
    profile.organizations.add(things.organization())
    rename(profile, "One")
    rename(profile, "Two")
    profile.organizations.remove("acme")
    profile.organizations.add(things.organization())

    assert len(lines_in(objects)) == 5
    entries = entries_in(profile)
    assert [each.changes[0].what for each in entries] == [
        *("added", "changed", "changed", "removed", "added")
    ]
    assert {each.outcome for each in entries} == {"done"}
    assert {each.changes[0].made for each in entries} == {True}
    found = check(profile)
    assert (found.broken, found.open, found.unlogged, found.lines) == ((), (), (), 5)


def test_a_line_without_its_change_is_found_and_completed(
    profile: Profile, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.organizations.add(things.organization())

    def cut(_bucket: Bucket, _path: str, _document: Document, _version: Version) -> None:
        raise SystemExit(137)

    def silent(_self: object, _outcome: object, error: str = "") -> None:
        del error  # a killed process writes no end

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "replace", cut)
        patch.setattr("ltictl.store.log.recorder.ChangeEntry.end", silent)
        with pytest.raises(SystemExit):
            rename(profile, "Cut")
    monkeypatch.setattr("ltictl.store.log.recorder._living", set())

    found = check(profile)
    assert (found.broken, len(found.open), found.unlogged) == ((), 1, ())
    rename(profile, "Next")  # the line of the cut change is not taken for this one
    assert [each.outcome for each in entries_in(profile)] == ["done", "unknown", "done"]

    assert complete_log(Context(profile)).outcomes == 1
    assert [each.outcome for each in entries_in(profile)] == ["done", "interrupted", "done"]
    assert [each.changes[0].made for each in entries_in(profile)] == [True, False, True]
    assert check(profile).open == ()
    assert len(lines_in(objects)) == 4


def test_a_change_that_another_writer_overtook_has_two_changes_in_its_entry(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, s3: ObjectStore, tmp_path: Path
) -> None:
    profile.organizations.add(things.organization())
    other = profile_at(s3, monkeypatch, tmp_path / "other")
    replace_document, once = Bucket.replace, [True]

    def overtaken(bucket: Bucket, path: str, document: Document, version: Version) -> None:
        if once.pop():
            once.append(False)
            rename(other, "Other")
            raise ConflictError(path)
        once.append(False)
        replace_document(bucket, path, document, version)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "replace", overtaken)
        rename(profile, "Mine")

    entries = entries_in(profile)
    assert [[each.made for each in entry.changes] for entry in entries] == [
        [True],
        [False, True],
        [True],
    ]
    assert {each.outcome for each in entries} == {"done"}
    found = check(profile)
    assert (found.broken, found.open, found.unlogged) == ((), (), ())


def test_two_runs_that_want_the_same_end_in_one_change_and_no_open_entry(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, s3: ObjectStore, tmp_path: Path
) -> None:
    profile.organizations.add(things.organization())
    other = profile_at(s3, monkeypatch, tmp_path / "other")
    profile.organizations.get("acme")
    rename(other, "Same")

    rename(profile, "Same")

    found = check(profile)
    assert (found.broken, found.open, found.unlogged) == ((), (), ())


def rewrite(objects: Objects, name: str, edit: Callable[[bytes], bytes]) -> None:
    data, tag = objects.get(name)
    objects.put(name, edit(data), tag)


def move(objects: Objects, name: str) -> None:
    data, _ = objects.get(name)
    objects.put(name.replace("log/c", "log/c9"), data, None)
    objects.erase(name)


def forge(text: bytes) -> bytes:
    return text.replace(b"Two", b"2wo")


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (lambda objects, name: rewrite(objects, name, forge), "was changed"),
        (lambda objects, name: objects.erase(name), "is gone"),
        (lambda objects, name: rewrite(objects, name, lambda _: b'line = "{}"\n'), "is damaged"),
        (move, "was changed"),
    ],
)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_tampering_with_any_line_shows(
    profile: Profile,
    objects: Objects,
    which: int,
    tamper: Callable[[Objects, str], None],
    words: str,
    s3: ObjectStore,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    profile.organizations.add(things.organization(name="Two"))
    rename(profile, "Two and a half")
    rename(profile, "Two and three quarters")

    tamper(objects, lines_in(objects)[which])

    found = check(profile_at(s3, monkeypatch, tmp_path / "other"))
    assert any(words in each for each in found.broken), found.broken
    rename(profile, "Four")  # nobody is kept from working


def test_the_numbered_lines_of_older_versions_are_read_and_checked(
    profile: Profile,
    objects: Objects,
    s3: ObjectStore,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name, text in json.loads(OLD_LINES.read_text()).items():
        objects.put(name, text.encode(), None)
    rename(profile, "New", "beta")

    entries = entries_in(profile)
    assert [each.action for each in entries][:2] == ["org add", "org rename"]
    assert {each.outcome for each in entries} == {"done"}
    found = check(profile)
    assert (found.broken, found.open, found.unlogged) == ((), (), ())

    rewrite(objects, "log/999999999996.toml", lambda text: text.replace(b"rename", b"remove"))
    assert check(profile_at(s3, monkeypatch, tmp_path / "other")).broken


def test_a_log_moves_to_a_folder_and_back(
    profile: Profile, seaweed_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.organizations.add(things.organization())
    rename(profile, "One")
    folder = Profile(tmp_path / "folder")

    for _ in range(2):  # the second copy finds everything
        fresh = list(copy_documents(profile, folder))
    assert not any(fresh)
    assert [each.outcome for each in entries_in(folder)] == ["done", "done"]
    assert check(folder).broken == ()
    rename(folder, "Two")
    again = profile_at(seaweed_server.store(), monkeypatch, tmp_path / "again")
    for _ in range(2):
        fresh = list(copy_documents(folder, again))
    assert not any(fresh)
    rename(again, "Three")

    assert [each.outcome for each in entries_in(again)] == ["done"] * 4
    found = check(again)
    assert (found.broken, found.open, found.unlogged) == ((), (), ())


def test_an_erased_organization_leaves_a_log_that_fits(
    profile: Profile, s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    profile.organizations.add(things.organization())
    rename(profile, "One")
    profile.organizations.add(things.organization("beta", "Beta"))

    erase_organization(Context(profile), "acme")

    other = profile_at(s3, monkeypatch, tmp_path / "other")
    found = check(other)
    assert (found.broken, found.open, found.unlogged) == ((), (), ())
    assert len(found.erasures) == 1
    assert {each.outcome for each in entries_in(other)} == {"done"}
    assert not any(each.concerns("acme") for each in entries_in(other))
    rename(other, "Beta still works", "beta")
