"""A person who comes from an LMS meets a failure of the operator's profile, or a faulty address."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ltictl.callback.languages import LANGUAGES, speaking
from ltictl.callback.texts import text
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.visit import Admin, listening, outcome

FOLDED = re.compile(r'<details id="original">.*?<div lang="en" dir="ltr">(.*?)</div>', re.DOTALL)
REFERENCE = re.compile(r'<b id="reference">(.*?)</b>')


def in_language(page: httpx.Response, tag: str) -> httpx.Response:
    """The same page after the person chose a language below it."""
    return httpx.get(f"{page.url}&lang={tag}", trust_env=False, timeout=20)


def shown(page: httpx.Response) -> str:
    """The words on a page above the folded English ones."""
    return html.unescape(FOLDED.sub("", page.text))


def damage_organization(profile: Path) -> None:
    (profile / "organizations" / "acme.toml").write_text("[\n")


def block_attempts(profile: Path) -> None:
    (profile / "attempts").write_text("not a folder")


@pytest.mark.parametrize(
    ("ruin", "pressed", "code", "words"),
    [
        (damage_organization, False, "damaged_document", "acme.toml"),
        (block_attempts, True, "cannot_read", "attempts"),
    ],
)
def test_a_failing_profile_is_shown_in_the_language_and_folded_in_english(
    acme: Ltictl,
    profile: Path,
    playback: PlaybackPlatform,
    ruin: Callable[[Path], None],
    pressed: bool,
    code: str,
    words: str,
) -> None:
    playback.on("registration", accepting())
    _, url = listening(acme, "--count", "9")
    lms = Admin(playback.url("configuration"))
    if not pressed:
        ruin(profile)
    page = lms.open(url)
    if pressed:
        ruin(profile)
        assert outcome(lms.press(page)) == "failed"

    assert playback.requests_to("registration") == []
    for tag in LANGUAGES:
        again = in_language(page, tag)
        with speaking(tag):
            for name in ("failed", "fault_elsewhere", "ask_makers"):
                assert text(name) in shown(again), tag
        assert words not in shown(again)
        assert words in FOLDED.findall(again.text)[0]
        assert REFERENCE.findall(again.text) == [code]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("javascript:alert(1)", "must begin with https:// or http:// and name a host"),
        ("https://a\\b/", "holds characters that no URL has"),
        ("https://me:hunter2@lms.example/", "carries a user name or password"),
        ("https://lms.example/#part", "carries a fragment (#...)"),
        ("https://l$ms.example/", "has an impossible host name"),
        ("https://[::1", "cannot be read as a URL"),
        ("lms.example/openid", "needs https:// in front: https://lms.example/openid"),
    ],
)
def test_a_faulty_address_is_shown_wholly_in_each_language(
    acme: Ltictl, address: str, problem: str
) -> None:
    _, url = listening(acme, "--count", "9")
    page = Admin(address).open(url)

    assert problem in shown(page)
    for tag in LANGUAGES:
        again = in_language(page, tag)
        assert outcome(again) == "failed"
        assert 'id="original"' not in again.text, tag
        assert "openid_configuration" in shown(again)
        assert (problem in shown(again)) == (tag == "en")
        assert "hunter2" not in again.text
