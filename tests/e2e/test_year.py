"""A year with schools: each question of the people around a tool is one command with an answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Finished
from tests.support.time_machine import TimeMachine
from tests.support.visit import headless

ID = "acme-moodle"
SECRET = "CANARY-ACCESS-TOKEN"
Ask = Callable[..., Finished]


@pytest.fixture
def year(tmp_path: Path) -> TimeMachine:
    (tmp_path / "clock").mkdir()
    return TimeMachine(tmp_path / "clock")


@pytest.fixture
def ask(ltictl: Ltictl, year: TimeMachine) -> Ask:
    """Run one command at the time of the year, by Ada unless another is named."""

    def run(*arguments: str, by: str = "Ada", code: int = 0) -> Finished:
        done = ltictl(*arguments, env={**year.env, "LTICTL_ACTOR": by})
        if done.code != code:
            raise RuntimeError(done)
        return done

    return run


def test_a_year_of_questions_has_an_answer_each(
    ask: Ask, ltictl: Ltictl, year: TimeMachine, playback: PlaybackPlatform
) -> None:
    profile = set_up(ask, playback)
    register(ltictl, year, playback)
    ask("activate", ID)
    url = ask("registration-url", "--org", "beta", "--json").data

    # Who registered this? What have you sent us, and what do you know of us?
    entry = entries(ask, ID, "--action", "register")[0]
    assert (entry["author"]["name"], entry["outcome"]) == ("Bob", "done")
    shown = ask("show", ID, "--all", "--json").data
    assert shown["request"]["client_name"] == "Example Tool"
    assert shown["answer"]["client_id"] == shown["integrations"][0]["client_id"]

    # Which things expire, and which are unused?
    year.later("5d")
    expiring = ask("list", "--expiring", "--json").data["expiring"]
    assert [each["id"] for each in expiring] == [url["invitation"]]
    unused = ask("list", "--unused", "--json").data["unused"]
    assert [each["id"] for each in unused] == [ID]

    # What changed since last week?
    year.later("90d")
    ask("edit", ID, "--set", "name=Acme College", "--yes", by="Cleo")
    (changed,) = entries(ask, "--since", "7d")
    assert changed["changes"][0]["members"]["platform.name"]["after"] == "Acme College"
    assert changed["author"]["name"] == "Cleo"

    # The laptop is lost, the key may have leaked.
    assert_the_key_can_be_replaced(ask, playback)
    assert_keys_can_be_encrypted(ask, profile)

    # Somebody left the team.
    ask("registration-url", "--org", "beta")
    ask("invitation", "revoke", "--all", "--yes")
    invitations = ask("invitation", "list", "--json").data["invitations"]
    assert "open" not in [each["state"] for each in invitations]

    # The LMS moved.
    year.later("60d")
    before = ask("show", ID, "--json").data["integrations"][0]
    ask("move", ID, "--issuer", "https://new.example", "--yes")
    after = ask("show", ID, "--json").data["integrations"][0]
    assert after["platform"]["issuer"] == "https://new.example"
    assert (after["id"], after["client_id"]) == (before["id"], before["client_id"])

    # The auditor asks.
    page = profile.parent / "report.html"
    check = ask("log", "--check", "--json").data["check"]
    ask("report", "--output", str(page))
    assert (check["broken"], check["open"], check["untold"]) == ([], [], [])
    assert "Acme School" in page.read_text()
    assert {each["author"]["name"] for each in entries(ask)} == {"Ada", "Bob", "Cleo"}

    # The school leaves, and asks for its data and for their erasure.
    year.later("200d")
    ask("deactivate", ID, "--yes")
    assert_the_school_can_be_erased(ask, profile)


def assert_the_key_can_be_replaced(ask: Ask, playback: PlaybackPlatform) -> None:
    """Publish the next key, then switch: the command says so where the set lacks it."""
    kid = ask("keys", "list", "--json").data["keys"][0]["kid"]
    command = ("rotate-keys", "--compromised", kid, "--yes", "--allow-private", "--json")
    unpublished = ask(*command, code=1)
    assert "then run again: ltictl rotate-keys" in unpublished.error["fix"]
    playback.on("/keys", Answer.json(json.loads(ask("jwks").stdout)))
    states = {each["kid"]: each["state"] for each in ask(*command).data["keys"]}
    assert states.pop(kid) != "current"
    assert list(states.values()) == ["current"]


def assert_the_school_can_be_erased(ask: Ask, profile: Path) -> None:
    copy = json.loads(ask("org", "export", "acme").stdout)
    assert f"integrations/{ID}" in [each["document"] for each in copy["documents"]]
    assert SECRET not in json.dumps(copy)
    ask("org", "erase", "acme", "--yes")
    assert not [path for path in profile.rglob("*") if path.is_file() and names_acme(path)]
    last = ask("log", "--check", "--json").data["check"]
    assert (last["broken"], last["untold"], len(last["erasures"])) == ([], [], 1)
    assert len(entries(ask)) > len(entries(ask, "--since", "7d")) > 0


def set_up(ask: Ask, playback: PlaybackPlatform) -> Path:
    made = ask("init", "--name", "Example Tool", "--url", "https://tool.invalid", "--json")
    profile = Path(made.data["profile"])
    settings = profile / "profile.toml"
    uri = f'jwks_uri = "{playback.url("/keys")}"\n'
    text = settings.read_text().replace("# initiate_login_uri", f"{uri}# initiate_login_uri", 1)
    settings.write_text(text)
    ask("org", "add", "acme", "--name", "Acme School")
    ask("org", "add", "beta")
    playback.on("/keys", Answer.json(json.loads(ask("jwks").stdout)))
    playback.on("token", Answer.json({"access_token": "x" * 32, "token_type": "Bearer"}))
    playback.on("registration", accepting(registration_access_token=SECRET))
    return profile


def register(ltictl: Ltictl, year: TimeMachine, playback: PlaybackPlatform) -> None:
    by = {**year.env, "LTICTL_ACTOR": "Bob"}
    headless(ltictl, playback.url("configuration"), env=by).assert_success()


def assert_keys_can_be_encrypted(ask: Ask, profile: Path) -> None:
    """Give every key that was made in the clear a passphrase."""
    (profile.parent / "passphrase").write_text("open sesame")
    settings = profile / "profile.toml"
    said = f'[keys]\npassphrase_command = ["cat", "{profile.parent / "passphrase"}"]\n'
    settings.write_text(settings.read_text().replace("[keys]\n", said, 1))
    done = ask("keys", "encrypt", "--json").data
    assert len(done["encrypted"]) == len(list((profile / "keys").glob("*.pem")))


def entries(ask: Ask, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask("log", *arguments, "--json").data["entries"]
    return found


def names_acme(path: Path) -> bool:
    return "acme" in path.name or b"acme" in path.read_bytes()
