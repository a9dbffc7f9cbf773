"""Every sentence of the page has a translation in every language with the same placeholders."""

import gettext
import re

import pytest

from ltictl.callback.languages import LANGUAGES

from .catalogues import FOLDER, TRANSLATED, UNREAD, read, sentences

_VALUE = re.compile(r"\{\w+\}")
# A straight apostrophe inside a word, and three full stops behind one.
_TYPED = re.compile(r"(?<=[^\W\d])'(?=[^\W\d])|(?<=\w)\.\.\.")


@pytest.mark.parametrize("tag", TRANSLATED)
def test_catalogue_is_whole_and_compiled(tag: str) -> None:
    catalogue = read(tag)
    with (FOLDER / f"{tag}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    wanted = {sentence for sentence, _ in sentences()}

    assert {str(each.id) for each in catalogue if each.id} == wanted
    for sentence in wanted:
        found = catalogue.get(sentence)
        assert found is not None
        assert found.string, f"{tag}: {sentence!r} has no translation: make catalogues, then edit"
        assert set(_VALUE.findall(str(found.string))) == set(_VALUE.findall(sentence)), sentence
        assert compiled.gettext(sentence) == found.string, "make catalogues"


@pytest.mark.parametrize("tag", TRANSLATED)
def test_punctuation_is_that_of_print(tag: str) -> None:
    catalogue = read(tag)
    for sentence, _ in sentences():
        found = catalogue.get(sentence)
        assert found is not None
        assert not _TYPED.search(str(found.string)), f"{tag}: {found.string}"


@pytest.mark.parametrize("tag", TRANSLATED)
def test_catalogue_says_who_has_read_it(tag: str) -> None:
    comment = read(tag).header_comment

    assert LANGUAGES[tag] in comment
    assert f"Status: {UNREAD}" in comment or re.search("Status: read by .+", comment)
