"""Each visitor gets the right language, and the page is in it."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.callback.desk import Choice, Offer, Outcome, Result, Vendor
from ltictl.callback.languages import LANGUAGES, choose_language, speaking, spoken, translate
from ltictl.callback.pages import Pages
from ltictl.callback.texts import TEXTS, text
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, SCOPE_MEANING
from ltictl.model.record import replace

OTHERS = [tag for tag in LANGUAGES if tag != "en"]
_TAGS = re.compile(r"<(style|script)\b.*?</\1>|<nav\b.*?</nav>|<[^>]+>", re.DOTALL)


@pytest.mark.parametrize(
    ("wanted", "ui_locales", "accept", "expected"),
    [
        ("", "", "", "en"),
        ("", "", "de", "de"),
        ("", "", "de-CH, fr;q=0.9", "de"),
        ("", "", "fr;q=0.2, it;q=0.8", "it"),
        ("", "", "sv, pl;q=0.5", "pl"),
        ("", "", "de;q=0, nl;q=0.1", "nl"),
        ("", "", "en-GB, de;q=0.9", "en"),
        ("", "", "pt-PT", "pt-BR"),
        ("", "", "zh-CN", "zh-Hans"),
        ("", "es fr", "de", "es"),
        ("ja", "es", "de", "ja"),
        ("xx", "", "tr", "tr"),
        ("", "", "*", "en"),
        ("", "", "de;q=..", "en"),
        ("../de", "", "", "en"),
    ],
)
def test_choice(wanted: str, ui_locales: str, accept: str, expected: str) -> None:
    assert choose_language(wanted, ui_locales, accept) == expected


@given(st.text(), st.text(), st.text())
def test_any_words_of_a_browser_lead_to_a_language(
    wanted: str, ui_locales: str, accept: str
) -> None:
    assert choose_language(wanted, ui_locales, accept) in LANGUAGES


def test_language_ends_with_its_context() -> None:
    with speaking("de"):
        assert translate("Cancel") == "Abbrechen"
        assert text("recorded", tool="T", host="h") == "T ist jetzt mit h verbunden."
    assert spoken() == "en"
    assert translate("Cancel") == "Cancel"


def test_other_words_stay_as_they_are() -> None:
    with speaking("de"):
        assert translate("") == ""
        assert translate("Words of an LMS") == "Words of an LMS"


@pytest.mark.parametrize("tag", OTHERS)
def test_no_english_sentence_is_left_on_the_page(tag: str) -> None:
    offer = Offer(
        tool="Tool",
        lms="Moodle",
        version="4.5",
        host="lms.example",
        school="School",
        hosts=("lms.example", "api.example"),
        registers_at="lms.example",
        tool_hosts=("tool.example",),
        services=tuple(SCOPE_MEANING.values()),
        messages=tuple(MESSAGE_MEANING.values()),
        data=tuple(CLAIM_MEANING.values()),
        organization="",
        organizations=(Choice("acme", "Acme"),),
    )
    vendor = Vendor(
        "", "https://t.example", "a@t.example", "https://t.example/p", "https://t.example/t"
    )
    offer = replace(offer, vendor=vendor, valid_until="2026-12-24 12:00 UTC")
    bare = replace(offer, data=(), services=(), updates="tool-moodle")
    pages = Pages("/register", "https:")
    with speaking(tag):
        shown = [pages.confirm(each, visit="v", state="s") for each in (offer, bare)]
        shown += [
            pages.result(Result(each, text("recorded", tool="T", host="h")), visit="v")
            for each in Outcome
        ]
    seen = " ".join(html.unescape(_TAGS.sub(" ", str(each.body, "utf-8"))) for each in shown)
    english = {
        each
        for each in (*TEXTS.values(), *SCOPE_MEANING.values(), *MESSAGE_MEANING.values())
        if "{" not in each and len(each.split()) > 1
    }

    assert f'<html lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}">' in str(
        shown[0].body, "utf-8"
    )
    assert [each for each in english if each in seen] == []
