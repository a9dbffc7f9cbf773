"""Rotation with LMSs that cache key sets: an independent one, and one that acts like Moodle."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.sandbox.family import FamilyCode
from ltictl.sandbox.server import Sandbox
from tests.support.time_machine import TimedProvider

from .school import School


@pytest.fixture
def provider(school: School) -> Iterator[TimedProvider]:
    """The npm package oidc-provider: keeps a set for 60 s or as long as the set's max-age says."""
    with TimedProvider(school.machine) as started:
        yield started


@pytest.fixture
def moodle(school: School) -> Iterator[Sandbox]:
    """Keeps a set without end, and fetches it again when a signature does not fit."""
    with Sandbox(clock=school.machine.now) as started:
        yield started


@pytest.fixture
def canvas(school: School) -> Iterator[Sandbox]:
    """Keeps nothing: it fetches the set for every token request."""
    with Sandbox(clock=school.machine.now, family=FamilyCode.CANVAS) as started:
        yield started


def by_hand(path: Path, former: str, wanted: str) -> None:
    path.write_text(
        path.read_text("utf-8").replace(f'state = "{former}"', f'state = "{wanted}"'), "utf-8"
    )


def test_a_naive_switch_is_refused(school: School, provider: TimedProvider) -> None:
    school.init()
    identifier = school.register_at_provider(provider)
    assert school.token_check(identifier) == "pass"
    school.machine.later("1s")
    school.rotate()
    old, new = school.kid("current"), school.kid("next")

    by_hand(school.keys_folder / f"{new}.toml", "next", "current")
    by_hand(school.keys_folder / f"{old}.toml", "current", "retiring")

    assert {key["kid"] for key in json.loads(school.served.read_text("utf-8"))["keys"]} == {
        old,
        new,
    }, "it is published, and yet:"
    assert school.token_check(identifier) == "fail"
    school.machine.later("61s")
    assert school.token_check(identifier) == "pass"


def test_a_whole_life_without_a_refused_token(school: School, provider: TimedProvider) -> None:
    school.headers = {"Cache-Control": "max-age=3600"}
    school.init()
    identifier = school.register_at_provider(provider)
    found = []
    for pause in ("1s", "23h", "2h", "1m", "6d", "2d", "1m"):
        school.machine.later(pause)
        school.rotate()
        found.append((school.token_check(identifier), tuple(school.states())))
    assert {result for result, _ in found} == {"pass"}
    assert [states for _, states in found] == [
        ("current", "next"),
        ("current", "next"),
        ("retiring", "current"),
        ("retiring", "current"),
        ("retiring", "current"),
        ("retired", "current"),
        ("retired", "current", "next"),
    ]


def test_a_max_age_longer_than_the_wait_is_waited_for(
    school: School, provider: TimedProvider
) -> None:
    school.headers = {"Cache-Control": "max-age=172800"}
    school.init()
    identifier = school.register_at_provider(provider)
    assert school.token_check(identifier) == "pass"
    for pause in ("1s", "25h", "24h"):
        school.machine.later(pause)
        school.rotate()
        assert school.token_check(identifier) == "pass"
    assert school.states() == ["retiring", "current"]


def test_a_whole_life_at_a_moodle(school: School, moodle: Sandbox) -> None:
    school.init()
    identifier = school.register_at_sandbox(
        moodle.lms.start_registration("https://t.example/r?t=1")
    )
    for pause in ("1s", "25h", "1h", "7d"):
        school.machine.later(pause)
        school.rotate()
        assert school.token_check(identifier) == "pass"
    assert school.states() == ["retired", "current"]


@pytest.mark.parametrize("waiting", [False, True], ids=["alone", "with a next key"])
def test_moodle_forgets_a_compromised_key(
    school: School, moodle: Sandbox, *, waiting: bool
) -> None:
    school.init()
    if waiting:
        school.machine.later("1m")
        school.rotate()
    link = moodle.lms.start_registration("https://t.example/r?t=1")
    identifier = school.register_at_sandbox(link)
    assert school.token_check(identifier) == "pass"
    stolen = school.kid("current")
    school.machine.later("1m")

    done = school.rotate("--compromised", stolen, "--yes")

    assert done.data["keys"][0]["state"] == "retired"
    assert any(
        "trusts the old key until it sees a new one" in each for each in done.json["warnings"]
    )
    served = json.loads(school.served.read_text("utf-8"))["keys"]
    assert stolen not in {each["kid"] for each in served}
    assert school.token_check(identifier) == "pass"
    thief = school.keys_folder / f"{stolen}.toml"
    by_hand(thief, "retired", "current")
    thief.write_text(thief.read_text("utf-8").replace("promotion = 1", "promotion = 99"), "utf-8")
    assert school.kid("current") == stolen
    assert school.token_check(identifier) == "fail"


def test_without_the_request_moodle_would_go_on_trusting_it(
    school: School, moodle: Sandbox
) -> None:
    school.init()
    link = moodle.lms.start_registration("https://t.example/r?t=1")
    identifier = school.register_at_sandbox(link)
    assert school.token_check(identifier) == "pass"

    school.served.write_text('{"keys": []}', "utf-8")

    assert school.token_check(identifier) == "pass"


def at_canvas(school: School, canvas: Sandbox) -> str:
    identifier = school.register_at_sandbox(
        canvas.lms.start_registration("https://t.example/r?t=1")
    )
    canvas.lms.activate(canvas.lms.tools()[-1].deployment_id)
    return identifier


def test_a_whole_life_at_a_canvas(school: School, canvas: Sandbox) -> None:
    school.init()
    identifier = at_canvas(school, canvas)
    for pause in ("1s", "25h", "1h", "7d"):
        school.machine.later(pause)
        school.rotate()
        assert school.token_check(identifier) == "pass"
    assert school.states() == ["retired", "current"]


def test_canvas_asks_for_the_set_each_time(school: School, canvas: Sandbox) -> None:
    school.init()
    identifier = at_canvas(school, canvas)
    assert school.token_check(identifier) == "pass"

    school.served.write_text('{"keys": []}', "utf-8")

    assert school.token_check(identifier) == "fail", "nothing was kept"
