"""The operations of a bucket work on independent servers."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.bucket.objects import Objects, PassingError, Tag
from ltictl.store.document_text import Document
from ltictl.store.folder import ConflictError, MissingError
from tests.stores.hammer import KEYS
from tests.stores.opening import opened
from tests.support.object_stores import ObjectStore, Server, rclone
from tests.support.processes import Running

WRITERS = 16
TIMES = 10


def test_the_verbs_answer_as_those_of_a_folder(store: ObjectStore) -> None:
    bucket = opened(store)
    with pytest.raises(MissingError):
        bucket.read("organizations/acme")
    bucket.create("organizations/acme", {"name": "Acme"})
    with pytest.raises(ConflictError):
        bucket.create("organizations/acme", {"name": "Other"})
    document, version = bucket.read("organizations/acme")
    bucket.replace("organizations/acme", {**document, "name": "New"}, version)
    with pytest.raises(ConflictError):
        bucket.replace("organizations/acme", document, version)

    assert bucket.read("organizations/acme")[0]["name"] == "New"
    assert bucket.list("organizations") == ["organizations/acme"]
    assert bucket.list("organizations", "b") == []
    assert bucket.exists("organizations/acme")
    assert not bucket.exists("organizations/none")
    assert bucket.place("organizations/acme") == f"{store.url}/organizations/acme.toml"


def test_a_deleted_document_is_gone_kept_aside_and_may_be_made_again(store: ObjectStore) -> None:
    bucket = opened(store)
    bucket.create("organizations/acme", {"name": "Acme"})
    _, stale = bucket.read("organizations/acme")
    bucket.change("organizations/acme", lambda found: {**found, "name": "New"})
    with pytest.raises(ConflictError):
        bucket.delete("organizations/acme", stale)
    bucket.delete("organizations/acme", bucket.read("organizations/acme")[1])

    assert not bucket.exists("organizations/acme")
    assert bucket.list("organizations") == []
    with pytest.raises(MissingError):
        bucket.change("organizations/acme", lambda found: found)
    assert bucket.read(bucket.list("removed/organizations")[0])[0]["name"] == "New"
    bucket.create("organizations/acme", {"name": "Again"})
    assert [each for each, _ in bucket.read_many(bucket.list("organizations"))] == [
        "organizations/acme"
    ]


def test_a_damaged_document_hides_only_itself(store: ObjectStore) -> None:
    bucket = opened(store)
    bucket.create("integrations/good", {"name": "x"})
    bucket.objects.put("integrations/bad.toml", b"= what", None)
    bucket.objects.put("integrations/foreign.txt", b"notes", None)

    found = dict(bucket.read_many(bucket.list("integrations")))

    assert isinstance(found["integrations/bad"], UnreadableError)
    assert found.keys() == {"integrations/bad", "integrations/good"}


def test_many_writers_lose_nothing(store: ObjectStore, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tests.stores.hammer", store.url, str(TIMES)]
    root = Path(__file__).parents[2]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **store.environment}
    bucket = opened(store)
    writers = [Running(argv, env=environment, cwd=root) for _ in range(WRITERS)]
    try:
        for each in writers:
            assert each.wait(100).code == 0, each.output("stderr")
    finally:
        for each in writers:
            each.close()

    counts = [
        int(found["count"])
        for _, found in bucket.read_many(bucket.list("integrations"))
        if not isinstance(found, UnreadableError)
    ]
    assert len(counts) == KEYS
    assert sum(counts) == WRITERS * TIMES


def test_a_server_that_ignores_conditions_is_refused(tmp_path: Path) -> None:
    with rclone(tmp_path / "rclone") as store:
        bucket = opened(store)
        with pytest.raises(LtictlError) as refused:
            bucket.create("organizations/acme", {"name": "Acme"})

        assert refused.value.code == "store_unsafe"
        assert "made only where none stands" in refused.value.message


@pytest.mark.parametrize("lost", [1, 2, 3])
@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_is_settled_by_the_mark(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, lost: int, arrived: bool
) -> None:
    bucket = opened(s3)
    bucket.create("organizations/first", {"name": "x"})
    put, left = Objects.put, [lost]

    def losing(self: Objects, name: str, body: bytes, tag: Tag | None) -> Tag:
        if left[0]:
            left[0] -= 1
            if arrived:
                put(self, name, body, tag)
            raise PassingError("no answer")
        return put(self, name, body, tag)

    monkeypatch.setattr(Objects, "put", losing)
    path = "organizations/acme"
    writes: list[Callable[[], None]] = [
        lambda: bucket.create(path, {"name": "1"}),
        lambda: bucket.change(path, lambda found: {**found, "name": "2"}),
        lambda: bucket.delete(path, bucket.read(path)[1]),
        lambda: bucket.create(path, {"name": "3"}),
    ]
    for write in writes:
        left[0] = 1 if arrived else lost
        write()

    assert bucket.read("organizations/acme")[0]["name"] == "3"
    assert len(bucket.list("removed/organizations")) == 1


def test_a_lost_answer_is_settled_although_another_wrote_since(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, other = opened(s3), opened(s3)
    bucket.create("organizations/acme", {"count": 0})
    put, left = Objects.put, [1]

    def overtaken(self: Objects, name: str, body: bytes, tag: Tag | None) -> Tag:
        written = put(self, name, body, tag)
        if left[0] and self is bucket.objects:
            left[0] = 0
            for _ in range(3):
                other.change("organizations/acme", lambda found: {"count": found["count"] + 1})
            raise PassingError("no answer")
        return written

    monkeypatch.setattr(Objects, "put", overtaken)
    bucket.change("organizations/acme", lambda found: {"count": found["count"] + 1})

    assert bucket.read("organizations/acme")[0]["count"] == 4


def test_the_first_use_checks_a_store_and_leaves_nothing_behind(
    azurite_server: Server,
) -> None:
    bucket = opened(azurite_server.store(begun=False))
    assert bucket.standing.read() is None

    bucket.create("organizations/acme", {"name": "Acme"})

    assert {each.name for each in bucket.objects.list("")} == {
        "organizations/acme.toml",
        "store.toml",
    }
    assert all(rule.kept for rule in bucket.standing.check())


def test_foreign_objects_keep_a_store_from_being_begun(seaweed_server: Server) -> None:
    bucket = opened(seaweed_server.store(begun=False))
    bucket.objects.put("holiday.jpg", b"...", None)

    with pytest.raises(LtictlError) as refused:
        bucket.create("organizations/acme", {"name": "Acme"})

    assert refused.value.code == "store_foreign"


def test_a_newer_layout_is_refused(seaweed_server: Server) -> None:
    bucket = opened(seaweed_server.store(begun=False))
    bucket.objects.put("store.toml", b'id = "x"\nlayout = 2\n', None)

    with pytest.raises(LtictlError) as refused:
        bucket.create("organizations/acme", {"name": "Acme"})

    assert refused.value.code == "newer_layout"


def test_the_cache_saves_reads_and_its_loss_costs_nothing(
    store: ObjectStore, tmp_path: Path
) -> None:
    first = opened(store, cache=tmp_path)
    for number in range(5):
        first.create(f"integrations/i{number}", {"number": number})
    before = dict(first.read_many(first.list("integrations")))
    warm = opened(store, cache=tmp_path)
    assert dict(warm.read_many(warm.list("integrations"))) == before
    assert warm.objects.requests == 1
    for file in tmp_path.glob("*.cache"):
        file.write_bytes(b"\xff damaged")

    damaged = opened(store, cache=tmp_path)
    assert dict(damaged.read_many(damaged.list("integrations"))) == before
    for file in tmp_path.glob("*.cache"):
        flipped = file.read_bytes().replace(b"number = 3", b"number = 8")
        assert flipped != file.read_bytes()
        file.write_bytes(flipped)

    flipped_one = opened(store, cache=tmp_path)
    assert dict(flipped_one.read_many(flipped_one.list("integrations"))) == before
    for file in tmp_path.glob("*.cache"):
        file.unlink()

    deleted = opened(store, cache=tmp_path)
    assert dict(deleted.read_many(deleted.list("integrations"))) == before


def test_no_change_is_decided_by_the_cache_or_by_what_a_run_remembers(
    s3: ObjectStore, tmp_path: Path
) -> None:
    first, other = opened(s3, cache=tmp_path), opened(s3)
    first.create("integrations/i", {"status": "pending"})
    dict(first.read_many(first.list("integrations")))
    stale_document, stale = first.read("integrations/i")
    other.change("integrations/i", lambda found: {**found, "status": "disabled"})

    seen: list[object] = []

    def looking(found: Document) -> Document:
        seen.append(found["status"])
        return found

    first.change("integrations/i", looking)
    with pytest.raises(ConflictError):
        first.replace("integrations/i", stale_document, stale)

    assert seen[-1] == "disabled"  # the first try had the remembered state, and was refused
    assert opened(s3, cache=tmp_path).read("integrations/i")[0]["status"] == "disabled"
