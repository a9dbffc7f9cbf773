"""The holder of one link cannot push out other pages, guess names or hide damage."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ltictl.errors import LtictlError
from ltictl.operations.context import Context
from ltictl.operations.invite import invite, look_up
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Running
from tests.support.visit import Admin, issued, listening, outcome, words

CROWD = 600
GUESSES = ("uni-bern", "uni-basel", "uni-chur", "uni-genf", "uni-zug")


@pytest.fixture
def run(acme: Ltictl) -> Iterator[tuple[Running, str]]:
    running, url = listening(acme, "--forever")
    yield running, url
    running.close()


@pytest.fixture
def for_any(acme: Ltictl) -> Iterator[tuple[Running, str]]:
    running, _ = listening(acme, "--forever", org="")
    base = running.output("stderr").split('"address": "')[1].partition('"')[0]
    yield running, issued(acme, f"{base}?")
    running.close()


def test_a_holder_of_one_link_pushes_out_no_page_of_another(
    acme: Ltictl, run: tuple[Running, str], playback: PlaybackPlatform, admin: Admin
) -> None:
    _, url = run
    other = issued(acme, url, "--org", "acme")
    page = admin.open(url)
    once = len(playback.requests_to("configuration"))
    with httpx.Client(trust_env=False, timeout=20) as client:
        for number in range(CROWD):
            opened = Admin("http://127.0.0.1:1/", f"t{number}").address(other)
            entered = client.get(opened, headers={"Accept": "text/html"})
            assert entered.status_code == 303

    again = admin.open(url)

    assert str(again.url) == str(page.url)
    assert len(playback.requests_to("configuration")) == once
    assert outcome(Admin.press(page)) == "registered"


def test_a_page_without_its_visit_says_what_to_do(run: tuple[Running, str]) -> None:
    _, url = run
    page = httpx.get(f"{url.partition('?')[0]}?v=gone", trust_env=False)

    assert (page.status_code, outcome(page)) == (403, "failed")


def test_names_of_organizations_cannot_be_guessed(
    acme: Ltictl, for_any: tuple[Running, str], admin: Admin, playback: PlaybackPlatform
) -> None:
    running, url = for_any
    other = Admin(playback.url("configuration"), "second").open(url)
    page = admin.open(url)
    for name in GUESSES:
        assert playback.requests_to("registration") == []
        answer = admin.press(page, organization=name)

    assert "closed" in words(answer)
    event = running.next_event("link_refused")
    assert event["reason"] == "guessed"
    for each in (page, other):  # even with the right name
        assert outcome(Admin.press(each, organization="acme")) == "failed"
    assert playback.requests_to("registration") == []
    open_ones = acme("list", "--json").data["invitations"]
    assert event["invitation"] not in [each["id"] for each in open_ones]


def test_guesses_count_for_all_visits_of_a_link_together(
    for_any: tuple[Running, str], playback: PlaybackPlatform
) -> None:
    running, url = for_any
    for number, name in enumerate(GUESSES):
        admin = Admin(playback.url("configuration"), f"token-{number}")
        answer = admin.press(admin.open(url), organization=name)

    assert "closed" in words(answer)
    assert running.next_event("link_refused")["reason"] == "guessed"


def test_a_damaged_invitation_is_named(
    run: tuple[Running, str], profile: Path, admin: Admin
) -> None:
    running, url = run
    (document,) = (profile / "invitations").glob("*.toml")
    document.write_text("[")

    page = admin.open(url)

    stranger = admin.open(url.replace("?t=", "?t=x"))
    assert (page.status_code, words(page)) == (404, words(stranger))
    event = running.next_event("link_refused")
    assert (event["reason"], event["invitation"]) == ("damaged", document.stem)


def test_what_cannot_be_read_just_now_is_no_unknown_link(acme: Ltictl, profile: Path) -> None:
    assert acme("org", "show", "acme").code == 0
    context = Context(Profile(profile))
    issued_now = invite(context, organization="acme")
    lowest = os.dup(0)
    os.close(lowest)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))  # not one file more
    try:
        with pytest.raises(LtictlError) as refused:
            look_up(context, issued_now.token)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert refused.value.code == "cannot_read"
    assert look_up(context, issued_now.token).opened == issued_now.invitation


def test_a_failed_look_at_the_lms_can_be_repeated(
    run: tuple[Running, str], admin: Admin, playback: PlaybackPlatform
) -> None:
    _, url = run
    served = playback.served_configuration()
    playback.on("configuration", Answer.text("down", 503), Answer.json(served))

    failed = admin.open(url)
    again = httpx.get(failed.url, trust_env=False, timeout=20)

    assert (outcome(failed), outcome(again)) == ("failed", "")
    assert outcome(Admin.press(again)) == "registered"
