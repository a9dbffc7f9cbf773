"""A long command says on a terminal what it does, and writes nothing about it to a pipe."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ltictl.lti.vocabulary import SCOPES
from ltictl.model.integration import Integration, Scopes, Status
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.lock import locked
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.terminal import CONTROL_C

SLOW = 1.5
STATUS = re.compile(rb"\r\x1b\[K[|/\\-] ([^\r]*)")


@pytest.fixture
def profile(home: Home, playback: PlaybackPlatform) -> Path:
    """With two active integrations at a slow LMS, and the tool's own addresses there as well."""
    context = Context(Profile(home.ltictl_home / "profiles" / "default"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme")
    settings = context.profile.root / "profile.toml"
    own = "".join(
        f'{name} = "{playback.url(path)}"\n'
        for name, path in (
            ("jwks_uri", "/keys"),
            ("initiate_login_uri", "/login"),
            ("target_link_uri", "/launch"),
        )
    )
    settings.write_text(settings.read_text().replace("[tool]\n", f"[tool]\n{own}", 1))
    for number in (1, 2):
        context.profile.integrations.add(integration(playback, f"acme-{number}"))
    for path in ("/keys", "/login", "/launch", "token", "configuration"):
        playback.on(path, replace(Answer.json({"keys": []}), delay=SLOW))
    return context.profile.root


def integration(playback: PlaybackPlatform, identifier: str) -> Integration:
    now = datetime.now(UTC).replace(microsecond=0)
    platform = Platform(
        playback.base_url,
        playback.url("authorization"),
        playback.url("token"),
        playback.url("jwks"),
        playback.url("token"),
        family="moodle",
    )
    scopes = Scopes(requested=(SCOPES["score"],))
    return Integration(
        identifier, "acme", Status.ACTIVE, platform, f"client-{identifier}", now, now, scopes=scopes
    )


def assert_cleared(lines: set[str], screen: str) -> None:
    """Fail if the screen still shows one of the lines."""
    assert not [text for text in lines if text in screen], screen


def status_lines(ltictl: Ltictl, *args: str, env: dict[str, str] | None = None) -> set[str]:
    """The texts of the line at the bottom; no part of it may be left in the end."""
    with ltictl.terminal(*args, env=env) as terminal:
        terminal.wait(30)
        found = {each.decode() for each in STATUS.findall(terminal.received)}
        assert_cleared(found, terminal.text)
    return found


def hook(profile: Path, body: str) -> None:
    script = profile.parent / "hook"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    settings = profile / "profile.toml"
    text = settings.read_text()
    argv = json.dumps([str(script)])
    settings.write_text(f"{text[: text.index('[hooks]')]}[hooks]\nafter_change = {argv}\n")


def test_verify_counts(ltictl: Ltictl, profile: Path, playback: PlaybackPlatform) -> None:
    refused = Answer.json({"error": "invalid_client"}, 400)
    playback.on("token", refused)
    playback.on("/slow", replace(refused, delay=2 * SLOW))  # of another LMS

    def move_away(each: Integration) -> Integration:
        elsewhere = replace(each.platform, token_endpoint=playback.url("/slow"))
        return replace(each, platform=elsewhere)

    Profile(profile).integrations.change("acme-2", move_away)

    found = status_lines(ltictl, "verify", "--all", "--allow-private")

    assert any(each.startswith("1 of 2 verified") for each in found), found


def test_control_c_keeps_finished_proofs_and_says_so(
    ltictl: Ltictl, profile: Path, playback: PlaybackPlatform
) -> None:
    refused = Answer.json({"error": "invalid_client"}, 400)
    playback.on("token", refused)
    playback.on("/slow", replace(refused, delay=6 * SLOW))  # of another LMS, which hardly answers
    slow = integration(playback, "acme-3")
    platform = replace(slow.platform, token_endpoint=playback.url("/slow"))
    Profile(profile).integrations.add(replace(slow, platform=platform))

    with ltictl.terminal("verify", "acme-1", "acme-3", "--allow-private") as terminal:
        terminal.wait_for("1 of 2 verified")
        terminal.send(CONTROL_C)
        code = terminal.wait(30)
        text = terminal.text

    assert (code, "1 of 2 were verified; their results are kept." in text) == (130, True), text
    stored = Profile(profile).integrations
    assert [bool(stored.get(each).problems) for each in ("acme-1", "acme-3")] == [True, False]


def test_doctor_says_whom_it_asks(ltictl: Ltictl, profile: Path) -> None:
    assert profile.exists()

    found = status_lines(ltictl, "doctor", "--allow-private")

    assert found == {"Asking the tool's own addresses ..."}


def test_rotation_says_what_it_looks_at(ltictl: Ltictl, profile: Path) -> None:
    assert ltictl("rotate-keys", "--allow-private").code == 0
    assert profile.exists()

    found = status_lines(ltictl, "rotate-keys", "--now", "--yes", "--allow-private")

    assert found == {"Looking at the published key set ..."}


def test_a_headless_registration_says_what_it_waits_for(
    ltictl: Ltictl, profile: Path, playback: PlaybackPlatform, tmp_path: Path
) -> None:
    assert profile.exists()
    token = tmp_path / "token"
    token.write_text("of-the-lms")
    configuration = playback.served_configuration()
    playback.on("configuration", replace(Answer.json(configuration), delay=SLOW))
    playback.on("registration", replace(Answer.json({"client_id": "c-9"}), delay=SLOW))
    add = ("--org", "beta", "--registration-token-file", str(token), "--yes", "--allow-private")
    assert ltictl("org", "add", "beta").code == 0

    found = status_lines(
        ltictl, "register", *add, "--openid-configuration", playback.url("configuration")
    )

    host = playback.base_url.removeprefix("http://")
    assert found == {
        "Asking the LMS for its description ...",
        f"Waiting for the answer of {host} ...",
    }


def test_a_hook_is_named(ltictl: Ltictl, profile: Path) -> None:
    hook(profile, f"sleep {SLOW}")

    (found,) = status_lines(ltictl, "deactivate", "acme-1", "--yes")

    assert found.startswith("Running the hook /")


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (("apply", "wanted.toml", "--yes"), "1 of 2 changes ..."),
        (("import", "json", "held.json"), "1 of 1 taken over ..."),
        (("org", "add", "gamma"), "Working ..."),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_writer_that_waits_says_what_for(
    ltictl: Ltictl, profile: Path, args: tuple[str, ...], shown: str
) -> None:
    folder = ltictl.home.path
    (folder / "wanted.toml").write_text(
        '[[organizations]]\nslug = "new"\n[[integrations]]\nid = "acme-1"\nstatus = "disabled"\n'
    )
    assert ltictl("export", "json", "acme-1", "--output", "held.json").code == 0
    held = (folder / "held.json").read_text()
    (folder / "held.json").write_text(held.replace("client-acme-1", "c-3"))

    with locked(profile, 5):
        terminal = ltictl.terminal(*args)
        terminal.wait_for(shown)

    assert terminal.wait() == 0
    assert shown not in terminal.text


def test_a_quick_command_shows_no_progress(ltictl: Ltictl, profile: Path) -> None:
    assert profile.exists()
    assert status_lines(ltictl, "list") == set()


@pytest.mark.parametrize(
    ("more", "env"),
    [(("--quiet",), {}), (("--json",), {}), ((), {"TERM": "dumb"})],
    ids=("quiet", "json", "dumb"),
)
def test_it_can_be_done_without(
    ltictl: Ltictl, profile: Path, more: tuple[str, ...], env: dict[str, str]
) -> None:
    assert profile.exists()
    assert status_lines(ltictl, "doctor", "--allow-private", *more, env=env) == set()


def test_a_pipe_gets_none_of_it(ltictl: Ltictl, profile: Path) -> None:
    assert profile.exists()

    done = ltictl("doctor", "--allow-private")

    assert "\x1b" not in done.stdout + done.stderr
    assert "Asking" not in done.stdout + done.stderr


def test_a_narrow_terminal_is_left_clean(ltictl: Ltictl, profile: Path) -> None:
    """A line that the terminal broke in two could only be half taken away."""
    hook(profile, f"sleep {SLOW}")

    with ltictl.terminal("deactivate", "acme-1", "--yes", columns=30) as terminal:
        terminal.wait(20)

        assert os.linesep.join(terminal.text.splitlines()) == "acme-1 is disabled."
