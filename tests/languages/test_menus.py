"""The clicks in an LMS are named by the words of its own language packs, where those are known."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .catalogues import TRANSLATED, read, sentences

MENUS = Path(__file__).parent / "menus"
MOODLE = tomllib.loads((MENUS / "moodle.toml").read_text("utf-8"))
WORDS: dict[str, dict[str, str]] = MOODLE["words"]


def mentioned(sentence: str) -> Iterator[str]:
    """The menu words in an English sentence, the longest first, each part of it once."""
    for word in sorted(WORDS, key=len, reverse=True):
        if word in sentence:
            sentence = sentence.replace(word, "")
            yield word


def of_moodle() -> dict[str, list[str]]:
    """Each sentence that names clicks in Moodle, and the menu words in it."""
    clicks = ("Site administration >", "Manage tools", "LTI External tools", "Tool URL'")
    named = (*clicks, "Add LTI Advantage")
    found = {each for each, _ in sentences() if any(word in each for word in named)}
    return {each: list(mentioned(each)) for each in sorted(found)}


def test_every_pack_is_cited() -> None:
    assert set(MOODLE["sources"]) == set(TRANSLATED)
    known = {tag for words in WORDS.values() for tag in words if tag != "string"}
    assert known == set(TRANSLATED)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_menu_words_are_those_of_the_pack(tag: str) -> None:
    catalogue = read(tag)
    clicks = of_moodle()
    assert len(clicks) > 8
    for sentence, words in clicks.items():
        found = catalogue.get(sentence)
        assert found is not None
        for word in words:
            # Moodle shows English where its pack lacks a word.
            assert WORDS[word].get(tag, word) in str(found.string), f"{tag}: {sentence}: {word}"
