"""The table of LMS families: found by exact code, complete, and able to explain any refusal."""

import re

import pytest

from ltictl.errors import Actor, NotFoundError
from ltictl.lti.refusal import Refusal
from ltictl.platforms.family import DeepLinking, Family
from ltictl.platforms.table import (
    all_families,
    explain_refusal,
    family_named,
    family_of,
    generic,
    next_steps,
)

ALL = list(all_families())
KNOWN = [each for each in ALL if each is not generic()]


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.slug)
def test_a_family_tells_every_click(family: object) -> None:
    for name in ("title", "paste", "activate", "switch", "place", "editing", "removal"):
        assert getattr(family, name), name


@pytest.mark.parametrize(
    "family", [each for each in ALL if each is not generic()], ids=lambda family: family.slug
)
def test_deleting_a_tool_is_another_click_than_switching_it_on(family: Family) -> None:
    assert family.removal != family.switch
    assert "Activate" not in family.removal


def test_slugs_and_codes_name_one_family_each() -> None:
    codes = [code for family in ALL for code in family.codes]

    assert len({family.slug for family in ALL}) == len(ALL)
    assert len(set(codes)) == len(codes)
    assert [family_named(family.slug) for family in ALL] == ALL
    assert all(family_of(code).slug in {each.slug for each in ALL} for code in codes)


@pytest.mark.parametrize("code", ["", "MOODLE", "moodle ", "xmoodle", "moodle.org", "lms", "<b>"])
def test_a_code_that_is_not_exactly_known_is_some_lms(code: str) -> None:
    assert family_of(code) is generic()


def test_an_error_about_an_unknown_family_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError) as caught:
        family_named("moodel")
    assert "moodle" in caught.value.fix


@pytest.mark.parametrize("status", [300, 302, 400, 401, 403, 404, 405, 409, 413, 422, 429, 499])
@pytest.mark.parametrize("family", ALL, ids=lambda family: family.slug)
def test_every_refusal_has_a_cause_and_a_way_out(family: object, status: int) -> None:
    for words in ("", "nobody ever said this"):
        error = explain_refusal(family, Refusal(status, "", words, html=False), "lms.example")  # type: ignore[arg-type]  # any family
        assert (error.code, error.exit_code) == ("platform_refused", 3)
        assert f"HTTP {status}" in error.message
        assert error.why
        assert error.fix


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("missing_registration_token", "CGIPassAuth"),
        ("token_already_used", "Manage tools"),
        ("Exception - Expired token", "one hour"),
        ("Exception - something new", "log"),
        ("domain_targetlinkuri_mismatch", "letter by letter"),
    ],
)
def test_moodles_words_are_explained(words: str, hint: str) -> None:
    error = explain_refusal(family_of("moodle"), Refusal(404, "", words, html=False), "lms.example")

    assert hint in f"{error.why} {error.fix}"
    assert words in error.message


def test_no_lms_administrator_is_sent_to_a_terminal() -> None:
    """The page shows a cause's fix to the LMS administrator unless it is for the operator."""
    for family in ALL:
        for cause in (
            *family.causes.values(),
            *family.mentions.values(),
            *family.statuses.values(),
        ):
            if cause.actor is Actor.LMS_ADMINISTRATOR:
                assert not re.search(r"\bltictl |profile\.toml|--", cause.fix), cause.fix


@pytest.mark.parametrize(
    ("version", "chooser"),
    [
        ("4.1dev (Build: 20221128)", "Tool configuration usage"),
        ("3.11.4+", "Tool configuration usage"),
        ("4.2.11", "Tool configuration usage"),
        ("4.3", "LTI External tools"),
        ("4.5dev+ (Build: 20240903)", "LTI External tools"),
        ("5.0", "LTI External tools"),
        ("10.1", "LTI External tools"),
        ("", "LTI External tools"),
        ("unknown 4.1", "LTI External tools"),
    ],
)
def test_moodles_next_steps_follow_its_version(version: str, chooser: str) -> None:
    for by_hand in (False, True):
        steps = next_steps(
            family_of("moodle"), has_deployment=True, by_hand=by_hand, version=version
        )

        assert chooser in steps[-1]


def test_iliass_editions_are_one_family_and_keep_another_message() -> None:
    released, trunk = family_of("ilias.de"), family_of("ilias")

    assert released.slug == trunk.slug == "ilias"
    assert released.shape.deep_linking is DeepLinking.LAST
    assert trunk.shape.deep_linking is DeepLinking.FIRST
