"""The real program under libfaketime, from the making of a key to its withdrawal."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.processes import Finished

from .school import School


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_from_creation_to_withdrawal(school: School) -> None:
    school.init()
    school.machine.later("1m")
    made = school.rotate()
    (first, second) = made.data["keys"]
    assert set(made.data) == {"keys", "next_run"}
    assert set(first) == {"kid", "state", "created_at", "promote_after", "withdraw_after"}
    assert (first["state"], second["state"]) == ("current", "next")
    assert at(second["promote_after"]) - at(second["created_at"]) == timedelta(hours=24)
    assert made.data["next_run"] == second["promote_after"]
    served = json.loads(school.served.read_text("utf-8"))["keys"]
    assert {each["kid"] for each in served} == {first["kid"], second["kid"]}

    school.machine.later("61m")  # early
    assert "may sign in 22 h" in school.run("keys", "list").stdout
    assert [key["state"] for key in school.rotate().data["keys"]] == ["current", "next"]

    school.machine.later("26h")  # late
    switched = school.rotate()
    old = switched.data["keys"][0]
    assert [key["state"] for key in switched.data["keys"]] == ["retiring", "current"]
    assert school.rotate().data == switched.data, "a second run leaves all as it is"
    assert at(old["withdraw_after"]) - at(second["promote_after"]) >= timedelta(days=7)
    school.machine.later("1m")
    assert "may be withdrawn in 6 days" in school.run("keys", "list").stdout
    assert len(json.loads(school.served.read_text("utf-8"))["keys"]) == 2

    school.machine.later("8d")
    ended = school.rotate()
    assert [key["state"] for key in ended.data["keys"]] == ["retired", "current"]
    assert ended.data["next_run"] is None
    served = json.loads(school.served.read_text("utf-8"))["keys"]
    assert [each["kid"] for each in served] == [second["kid"]]
    assert len(list(school.keys_folder.glob("*.pem"))) == 2


def test_cron_sends_no_mail_where_nothing_needs_attention(school: School) -> None:
    school.init()
    for pause in ("1m", "1h", "26h", "1h"):
        school.machine.later(pause)
        school.rotate()
    assert school.states() == ["retiring", "current"]
    for pause, state in (("1h", "retiring"), ("8d", "retired"), ("1h", "retired")):
        school.machine.later(pause)
        done = school.run("rotate-keys", "--quiet", "--if-older-than", "90d")
        assert (done.code, done.stdout, done.stderr) == (0, "", "")
        assert school.states()[0] == state


def test_steps_left_to_a_person_are_shown_without_a_hook(school: School) -> None:
    school.init(hook=False)
    said = []
    for pause in ("1m", "26h", "1h", "8d"):
        school.machine.later(pause)
        said.append(school.run("rotate-keys").stderr)
        school.publish()
    publish, hand_on = "Publish the key set now", "Give the new key to your application now"
    assert [(publish in each, hand_on in each) for each in said] == [
        (True, False),
        (False, True),
        (False, False),
        (True, False),
    ], said


def test_a_year_without_a_run(school: School) -> None:
    school.init()
    school.machine.later("1m")
    school.rotate()
    school.machine.later("365d")
    assert school.states() == ["current", "next"]
    school.rotate("--if-older-than", "90d")
    assert school.states() == ["retiring", "current"]
    school.machine.later("365d")
    school.rotate("--if-older-than", "90d")
    assert school.states() == ["retired", "current", "next"]


def test_clocks_that_jump(school: School) -> None:
    school.init()
    school.machine.later("1m")
    school.rotate()
    school.machine.later("5000d")  # past 2038-01-19, where 32 bits end
    school.rotate()
    assert school.states() == ["retiring", "current"]
    school.machine.earlier("4990d")
    behind = school.rotate()
    assert "the clock is behind, or was ahead" in behind.json["warnings"][0]
    assert school.states() == ["retiring", "current"], "its date has not come"
    school.machine.later("1h")
    school.rotate("--now", "--yes")
    school.rotate("--now", "--yes")
    assert school.states().count("current") == 1
    checks = school.run("doctor", "--offline", "--json").data["checks"]
    assert {each["id"]: each["result"] for each in checks}["signing_keys"] == "pass"


def test_many_runs_at_once_do_it_once(school: School) -> None:
    school.init()
    school.machine.later("1m")
    for pause, expected in (("1m", ["current", "next"]), ("25h", ["retiring", "current"])):
        school.machine.later(pause)
        done = at_once(school, 6)
        assert {each.code for each in done} == {0}, done
        assert {len(each.data["keys"]) for each in done} == {2}
        assert school.states() == expected


def at_once(school: School, number: int) -> list[Finished]:
    env = {**school.machine.env, "LTICTL_ALLOW_PRIVATE": "1"}
    running = [
        school.ltictl.start("rotate-keys", "--json", "--lock-timeout", "60s", env=env)
        for _ in range(number)
    ]
    return [each.wait(60) for each in running]


def test_a_run_that_has_to_wait_too_long_says_who_is_there(school: School) -> None:
    school.init(hook=False)
    began, may_end = (school.served.with_name(f"hook-{each}") for each in ("began", "may-end"))
    waiting = f"touch {began}; until [ -e {may_end} ]; do sleep 0.05; done"
    hook = json.dumps(["sh", "-c", waiting])
    with school.settings.open("a", encoding="utf-8") as stream:
        stream.write(f"[hooks]\nafter_change = {hook}\n")
    school.machine.later("1m")
    env = {**school.machine.env, "LTICTL_ALLOW_PRIVATE": "1"}
    first = school.ltictl.start("rotate-keys", "--json", env=env)
    while not began.exists():
        assert first.code is None, first.wait()
    second = school.run("rotate-keys", "--json", "--lock-timeout", "1s")
    may_end.touch()
    assert (second.code, second.error["code"]) == (6, "profile_locked")
    assert first.wait().code == 0
    assert school.states() == ["current", "next"]


@pytest.mark.parametrize("option", [("--now",), ("--compromised", "x")])
def test_consent_is_needed_without_a_terminal(school: School, option: tuple[str, ...]) -> None:
    school.init(hook=False)
    school.machine.later("1m")
    chosen = tuple(school.kid("current") if each == "x" else each for each in option)
    before = {path.name: path.read_bytes() for path in school.keys_folder.iterdir()}

    done = school.run("rotate-keys", *chosen, "--json")

    assert (done.code, done.error["code"]) == (2, "consent_needed")
    assert "--yes" in done.error["fix"]
    assert {path.name: path.read_bytes() for path in school.keys_folder.iterdir()} == before


def test_consent_is_asked_for_on_a_terminal(school: School) -> None:
    school.init(hook=False)
    kid = school.kid("current")
    env = {**school.machine.env, "LTICTL_ALLOW_PRIVATE": "1"}
    terminal = school.ltictl.terminal("rotate-keys", "--compromised", kid, env=env)
    terminal.wait_for("It signs now")
    terminal.wait_for("[y/N]")
    terminal.send("n\r")
    terminal.wait_for("Nothing was changed")
    assert school.states() == ["current"]
