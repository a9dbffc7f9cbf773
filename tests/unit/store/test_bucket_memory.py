"""The memory that a run has of a shared store, and when it looks again."""

from ltictl.store.bucket.memory import Memory
from ltictl.store.bucket.objects import ListedObject, Tag

ONE, TWO = Tag('"1"'), Tag('"2"')


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def known(memory: Memory, name: str) -> tuple[bytes | None, Tag] | None:
    seen = memory.get(name)
    return None if seen is None else (seen.data, seen.tag)


def test_it_remembers_for_a_minute() -> None:
    clock = Clock()
    memory = Memory(clock)
    memory.put("keys/a.toml", b"x", ONE)
    memory.put_listing("keys", [ListedObject("keys/a.toml", 1, ONE)])
    clock.now = 59
    assert known(memory, "keys/a.toml") == (b"x", ONE)
    assert memory.listing("keys") == (ListedObject("keys/a.toml", 1, ONE),)
    clock.now = 60
    assert known(memory, "keys/a.toml") is None
    assert memory.listing("keys") is None


def test_a_listing_shows_missing_removed_and_changed_documents() -> None:
    memory = Memory(Clock())
    for name in ("same", "changed", "gone"):
        memory.put(f"keys/{name}.toml", b"x", ONE)
    memory.put("keys-of-others/gone.toml", b"x", ONE)
    memory.put_listing(
        "keys",
        [
            ListedObject("keys/same.toml", 1, ONE),
            ListedObject("keys/changed.toml", 1, TWO),
            ListedObject("keys/removed.toml", 0, TWO),
            ListedObject("keys/unread.toml", 1, ONE),
        ],
    )

    assert known(memory, "keys/same.toml") == (b"x", ONE)
    assert known(memory, "keys/changed.toml") is None
    assert known(memory, "keys/unread.toml") is None
    assert known(memory, "keys/gone.toml") == (None, Tag())
    assert known(memory, "keys/removed.toml") == (b"", TWO)
    assert known(memory, "keys-of-others/gone.toml") == (b"x", ONE)


def test_an_own_write_is_known_and_its_folder_is_listed_anew() -> None:
    memory = Memory(Clock())
    memory.put_listing("keys", [])
    memory.put_written("keys/a.toml", b"x", ONE)
    assert known(memory, "keys/a.toml") == (b"x", ONE)
    assert memory.listing("keys") is None


def test_a_forgotten_document_is_looked_for_again() -> None:
    memory = Memory(Clock())
    for name in ("keys/a.toml", "invitations/a.toml"):
        memory.put(name, b"x", ONE)
    memory.put_listing("invitations", [ListedObject("invitations/a.toml", 1, ONE)])

    memory.forget_below("invitations")

    assert memory.listing("invitations") is None
    assert known(memory, "invitations/a.toml") is None
    assert known(memory, "keys/a.toml") == (b"x", ONE)
    memory.forget("keys/a.toml")
    assert known(memory, "keys/a.toml") is None
    memory.put("keys/a.toml", b"x", ONE)
    memory.forget_below("")
    assert known(memory, "keys/a.toml") is None


def test_it_does_not_grow_without_end() -> None:
    memory = Memory(Clock())
    for number in range(5000):
        memory.put(f"integrations/{number}.toml", b"x" * 10, ONE)
    assert (
        sum(known(memory, f"integrations/{each}.toml") is not None for each in range(5000)) < 1000
    )
