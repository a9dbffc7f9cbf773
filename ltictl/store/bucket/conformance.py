"""Try whether a store keeps the rules that documents rely on."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.store.bucket.objects import Objects, PassingError, Tag
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import CHECKS

_RACERS: Final = 16


class Rule(Struct, frozen=True):
    """One rule, and whether the store kept it.

    Attributes:
        name: short, for JSON.
        text: the rule as a sentence.
        kept: whether the store keeps it.
    """

    name: str
    text: str
    kept: bool


# A store that lets two writers win loses documents without an error.
def check_rules(objects: Objects) -> tuple[Rule, ...]:
    """Try every rule on objects made for this, and erase them.

    Raises:
        LtictlError: the store refused, or did not answer.
    """
    folder = f"{CHECKS}/{os.urandom(8).hex()}"
    names = [f"{folder}/{each}" for each in ("one", "missing", "race")]
    try:
        found: list[Rule] = []
        for rule in _rules(objects, *names):
            found.append(rule)
            if not rule.kept:  # what follows relies on it
                break
        return tuple(found)
    finally:
        for name in names:
            with suppress(PassingError, LtictlError):
                objects.erase(name)


def broken(place: str, rules: tuple[Rule, ...]) -> LtictlError:
    """Return the error for a store that broke a rule."""
    texts = " ".join(rule.text for rule in rules if not rule.kept)
    return LtictlError(
        "store_unsafe",
        f"The store {place} cannot hold a profile. It breaks this rule: {texts}",
        why="Two runs at once would overwrite each other's documents there without an error.",
        fix="Use Amazon S3, Google Cloud Storage, Azure Blob, or a server that passes "
        "'ltictl store check'.",
        data={"rules": [{"rule": each.name, "kept": each.kept} for each in rules]},
    )


def _rules(objects: Objects, one: str, missing: str, race: str) -> Iterator[Rule]:
    # Each rule builds on the one before, so that a broken one ends the check.
    first = objects.put(one, b"first", None)
    yield Rule(
        "create_once",
        "A document is made only where none stands.",
        _refuses(lambda: objects.put(one, b"second", None)) and _content(objects, one) == b"first",
    )
    yield Rule(
        "read_after_write", "A read sees the last write.", _content(objects, one) == b"first"
    )
    seen = {each.name for each in objects.list(one.rpartition("/")[0])}
    yield Rule("list_after_write", "A list names what was just made.", one in seen)
    fresh = _replaced(objects, one, b"third", first)
    yield Rule(
        "replace_works",
        "A document is replaced as it was read, and has a new version then.",
        fresh not in {first, None},
    )
    yield Rule(
        "replace_compares",
        "A document is replaced only as it was read.",
        _refuses(lambda: objects.put(one, b"stale", first)) and _content(objects, one) == b"third",
    )
    yield Rule(
        "replace_needs_one",
        "Nothing is replaced where nothing stands.",
        _refuses(lambda: objects.put(missing, b"x", first)) and _content(objects, missing) is None,
    )
    # Some servers keep the conditions one request at a time and lose them under load.
    yield Rule(
        "one_creator", "Of many who make one document, one wins.", _one_wins(objects, race, None)
    )
    yield Rule(
        "one_replacer",
        "Of many who replace one version, one wins.",
        _one_wins(objects, one, fresh),
    )
    objects.erase(one)
    yield Rule("delete", "A deleted document is gone.", _content(objects, one) is None)


def _refuses(write: Callable[[], object]) -> bool:
    try:
        write()
    except (ConflictError, MissingError):
        return True
    return False


def _replaced(objects: Objects, name: str, body: bytes, tag: Tag) -> Tag | None:
    try:
        return objects.put(name, body, tag)
    except (ConflictError, MissingError):
        return None


def _content(objects: Objects, name: str) -> bytes | None:
    try:
        return objects.get(name)[0]
    except MissingError:
        return None


def _one_wins(objects: Objects, name: str, tag: Tag | None) -> bool:
    """Return whether exactly one of many writers at once succeeds, with its bytes."""
    bodies = [f"racer {number}".encode() for number in range(_RACERS)]

    def run(body: bytes) -> bool | None:
        try:
            objects.put(name, body, tag)
        except (ConflictError, MissingError):
            return False
        except PassingError:
            return None  # it may have written
        return True

    with ThreadPoolExecutor(_RACERS, "ltictl-check") as racers:
        outcomes = dict(zip(bodies, racers.map(run, bodies), strict=True))
    # A racer without an answer may have won: then its bytes are there, and no other has won.
    winners = [body for body, won in outcomes.items() if won]
    content = _content(objects, name)
    may_be = winners or [body for body, won in outcomes.items() if won is None]
    return len(winners) <= 1 and content in may_be
