"""The languages of the callback's pages, and the choice of one for each visitor.

The sentences stand in ``texts``, in English; a catalogue (GNU gettext) has them in another one.
"""

import gettext
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Final

from ltictl.model.sentence import Sentence

# By BCP 47 tag, each in its own words.
LANGUAGES: Final[dict[str, str]] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt-BR": "Português (Brasil)",
    "tr": "Türkçe",
    "ar": "العربية",
    "ja": "日本語",
    "zh-Hans": "简体中文",
}
ENGLISH: Final = "en"
RIGHT_TO_LEFT: Final = frozenset({"ar"})

_WEIGHTED: Final = re.compile(r"\s*([A-Za-z0-9-]+|\*)\s*(?:;\s*q=([0-9.]+))?\s*(?:,|$)")
# A template of two sentences one after the other holds no words of its own.
_PLACE: Final = re.compile(r"\{\w+\}")
# A context variable: the pages of two visitors are made at the same time.
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def choose_language(wanted: str, ui_locales: str, accept: str) -> str:
    """Return the tag of the language for a visitor.

    Args:
        wanted: the tag that the visitor chose on the page, else empty.
        ui_locales: tags separated by spaces, best first (OpenID Connect Core 1.0, 3.1.2.1).
        accept: the header ``Accept-Language`` (RFC 9110, 12.5.4).
    """
    # The visitor's own choice first, then the LMS's, then the browser's.
    tags = (wanted, *ui_locales.split(), *_accepted(accept))
    return next((found for tag in tags if (found := _known(tag))), ENGLISH)


def _accepted(header: str) -> Iterable[str]:
    """Return the tags of the header, best first; an unreadable weight leaves its tag out."""
    weighted = []
    # A header of a megabyte would keep the expression busy.
    for tag, weight in _WEIGHTED.findall(header[:500]):
        try:
            weighted.append((float(weight or 1), tag))
        except ValueError:
            continue
    weighted.sort(key=lambda each: -each[0])
    return [tag for weight, tag in weighted if weight > 0]


def _known(tag: str) -> str:
    """Return the language that serves a tag, such as ``de`` for ``de-CH``; empty for none."""
    wanted = tag.lower()
    exact = {each.lower(): each for each in LANGUAGES}
    if wanted in exact:
        return exact[wanted]
    primary = wanted.partition("-")[0]
    return next((each for low, each in exact.items() if low.partition("-")[0] == primary), "")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let ``translate`` use a language within the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """Return the tag of the language in use."""
    return _spoken.get()


def direction() -> str:
    """Return the direction of the language in use, as HTML's ``dir`` has it."""
    return "rtl" if spoken() in RIGHT_TO_LEFT else "ltr"


def translate(sentence: str) -> str:
    """Return a sentence in the language in use, or unchanged where no catalogue has it."""
    language = spoken()
    if language == ENGLISH or not sentence:
        return sentence
    if isinstance(sentence, Sentence):
        return _refilled(sentence)
    return _catalogue(language).gettext(sentence)


def _refilled(sentence: Sentence) -> str:
    """Return the translated template with the values, of which some are sentences too."""
    words = _catalogue(spoken()).gettext(sentence.template)
    if not sentence.values:
        return words
    values = {
        name: translate(each) if isinstance(each, Sentence) else each
        for name, each in sentence.values.items()
    }
    return words.format(**isolated(values))


def isolated(values: Mapping[str, str]) -> Mapping[str, str]:
    """Keep each value together where the words around it run from right to left.

    Without the isolates a date or a host would be read backwards (UAX #9, 2.4).
    """
    if direction() == "ltr":
        return values
    return {name: f"\u2068{value}\u2069" for name, value in values.items()}


class Spoken(str):
    """A text that is in the visitor's language already, with foreign values in it."""

    __slots__ = ()


def is_spoken(sentence: str) -> bool:
    """Return whether a sentence is one of the page, which a catalogue puts into any language."""
    if not sentence or isinstance(sentence, Spoken):
        return True
    if not isinstance(sentence, Sentence):
        return _is_known(sentence)
    within = [each for each in sentence.values.values() if isinstance(each, Sentence)]
    known = _is_known(sentence.template) or not _PLACE.sub("", sentence.template).strip()
    return known and all(map(is_spoken, within))


def _is_known(words: str) -> bool:
    """Return whether English words are a sentence of the page."""
    # English has no catalogue; each of the others holds all sentences (tests/languages).
    language = spoken() if spoken() != ENGLISH else next(tag for tag in LANGUAGES if tag != ENGLISH)
    return _catalogue(language).gettext(words) != words


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    place = files("ltictl.callback") / "catalogues" / f"{language}.mo"
    # Read once for each language: the first visitor who speaks it pays.
    with place.open("rb") as file:
        return gettext.GNUTranslations(file)
