"""Each visitor gets the right language, and the page is in it."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import HTMLResponse

from ltictl.callback.desk import Choice, Offer, Outcome, Result, Vendor
from ltictl.callback.languages import LANGUAGES, choose_language, speaking, spoken, translate
from ltictl.callback.pages import Pages, in_language
from ltictl.callback.texts import TEXTS, text
from ltictl.errors import Actor, LtictlError
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, SCOPE_MEANING
from ltictl.model.record import replace
from ltictl.operations.invite import ASK_FOR_ANOTHER, UNUSABLE
from ltictl.platforms.table import UNEXPLAINED, all_families, example, next_steps

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


OFFER = Offer(
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
    vendor=Vendor(
        site="https://t.example",
        contact="a@t.example",
        policy="https://t.example/p",
        terms="https://t.example/t",
    ),
    valid_until="2026-12-24 12:00 UTC",
)
FAMILIES = [each for each in all_families() if each.dynamic]
ENGLISH = {
    each
    for each in (*TEXTS.values(), *SCOPE_MEANING.values(), *MESSAGE_MEANING.values())
    if "{" not in each and len(each.split()) > 1
}
# What only English sentences hold; names of menus stand in quotation marks.
_WORDS = re.compile(r"\b(the|this|with|your|cannot|there|and)\b")
_QUOTED = re.compile(r"[„“«\u2018”「].*?[“”»\u2019」]", re.DOTALL)


def seen(*pages: HTMLResponse) -> str:
    """The words on pages, without the folded original messages, marked as English."""
    words = " ".join(str(each.body, "utf-8") for each in pages)
    words = re.sub(r'<div lang="en".*?</div>', " ", words, flags=re.DOTALL)
    return html.unescape(_TAGS.sub(" ", words))


@pytest.mark.parametrize("tag", OTHERS)
def test_no_english_sentence_is_left_on_the_page(tag: str) -> None:
    bare = replace(OFFER, data=(), services=(), updates="tool-moodle")
    noted = [replace(OFFER, warnings=each.notes) for each in FAMILIES if each.notes]
    strange = replace(OFFER, warnings=("The LMS does not say which product it is.",))
    error = LtictlError("x", "The answer is not of the LMS.", why="Who knows?", fix="Ask the LMS.")
    pages = Pages("/register", "https:")
    with speaking(tag):
        shown = [
            pages.confirm(each, visit="v", state="s") for each in (OFFER, bare, strange, *noted)
        ]
        shown += [
            pages.result(Result(each, text("recorded", tool="T", host="h")), visit="v")
            for each in Outcome
        ]
        shown += [
            pages.result(
                Result(Outcome.REGISTERED, text("updated", tool="T", host="h"), steps=each)
            )
            for family in FAMILIES
            for each in (next_steps(family, has_deployment=False), family.paste)
        ]
        shown += [
            pages.failure(LtictlError("x", message, why=why, fix=ASK_FOR_ANOTHER))
            for message, why in UNUSABLE.values()
        ]
        shown += [
            pages.failure(LtictlError("x", "A {host} said no.", why=each.why, fix=each.fix))
            for each in UNEXPLAINED.values()
            if each.actor is not Actor.OPERATOR
        ]
        shown.append(pages.failure(error))
    words = seen(*shown)

    assert f'<html lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}">' in str(
        shown[0].body, "utf-8"
    )
    assert [each for each in ENGLISH if each in words] == []
    assert _WORDS.findall(_QUOTED.sub(" ", words)) == []


@pytest.mark.parametrize("tag", OTHERS)
def test_a_sentence_of_the_page_with_values_is_shown_as_it_is(tag: str) -> None:
    with speaking(tag):
        recorded = text("recorded", tool="Tool", host="lms.example")
        shown, original = in_language(Result(Outcome.REGISTERED, recorded, fix=text("ask_makers")))

    assert (shown.message, shown.fix, original) == (recorded, shown.fix, ())
    assert "lms.example" in shown.message


def test_the_original_message_is_kept_for_support() -> None:
    error = LtictlError("x", "lms.example refused <b>.", why="Cause.", fix="Do this.")
    pages = Pages("/register", "https:")
    with speaking("de"):
        german = str(pages.failure(error).body, "utf-8")
    english = str(pages.failure(error).body, "utf-8")

    assert "Die Registrierung konnte nicht abgeschlossen werden." in german
    assert "The registration could not be completed." in english
    for page in (german, english):
        shown, original = page.split('<details id="original">')
        assert "lms.example refused &lt;b&gt;." in original.partition("</details>")[0]
        assert "Do this." not in shown
        assert '<b id="reference">x</b>' in shown


def test_menu_words_that_stay_english_are_marked_as_english() -> None:
    steps = next_steps(example(), has_deployment=True)
    done = Result(Outcome.REGISTERED, text("cancelled"), steps=(*steps, "a <b> > 'More'"))
    pages = Pages("/register", "https:")
    with speaking("fr"):
        french = str(pages.result(done).body, "utf-8")
    english = str(pages.result(done).body, "utf-8")

    for word in ("More", "LTI External tools", "Show in activity chooser"):
        assert f'<span lang="en" dir="ltr">{word}</span>' in french
    assert "Gérer les outils" in french
    assert ">Gérer les outils" not in french
    assert '<span lang="en"' not in english
    assert "a &lt;b&gt; &gt; &#39;More&#39;" in english


def test_values_keep_their_direction() -> None:
    with speaking("ar"):
        assert "\u2068h.example\u2069" in text("recorded", tool="T", host="h.example")
    assert "\u2068" not in text("recorded", tool="T", host="h.example")
