"""The clicks in an LMS are named by the words of its own language packs, where those are known."""

import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from .catalogues import TRANSLATED, read, sentences

MENUS = Path(__file__).parent / "menus"
PACKS: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(MENUS.glob("*.toml"))
}
# Parts of the sentences that name clicks in an LMS, and how many such sentences there are at least.
CLICKS = {
    "moodle": (
        "Site administration >",
        "Manage tools",
        "LTI External tools",
        "Tool URL'",
        "Add LTI Advantage",
    ),
    "sakai": ("Administration Workspace >",),
}
LEAST = {"moodle": 9, "sakai": 2}


def mentioned(lms: str, sentence: str) -> Iterator[str]:
    """The menu words in an English sentence, the longest first, each part of it once."""
    for word in sorted(PACKS[lms]["words"], key=len, reverse=True):
        if word in sentence:
            sentence = sentence.replace(word, "")
            yield word


def clicks_in(lms: str) -> dict[str, list[str]]:
    """Each sentence that names clicks in an LMS, and the menu words in it."""
    found = {each for each, _ in sentences() if any(word in each for word in CLICKS[lms])}
    return {each: list(mentioned(lms, each)) for each in sorted(found)}


@pytest.mark.parametrize("lms", PACKS)
def test_every_pack_is_cited(lms: str) -> None:
    known = {tag for words in PACKS[lms]["words"].values() for tag in words if tag != "string"}
    assert known <= set(PACKS[lms]["sources"]) <= set(TRANSLATED)


def test_moodle_has_a_pack_for_each_language() -> None:
    assert set(PACKS["moodle"]["sources"]) == set(TRANSLATED)


@pytest.mark.parametrize(("lms", "tag"), list(product(PACKS, TRANSLATED)))
def test_menu_words_are_those_of_the_pack(lms: str, tag: str) -> None:
    catalogue = read(tag)
    clicks = clicks_in(lms)
    assert len(clicks) >= LEAST[lms]
    for sentence, words in clicks.items():
        found = catalogue.get(sentence)
        assert found is not None
        for word in words:
            # The LMS shows English where its pack lacks a word.
            shown = PACKS[lms]["words"][word].get(tag, word)
            assert shown in str(found.string), f"{tag}: {sentence}: {word}"
