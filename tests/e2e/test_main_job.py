"""The main job as CI runs it: separate processes, and an administrator played at the LMS."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import ToolState
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished
from tests.support.visit import Admin, listening, outcome, words


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def press_register(lms: Sandbox, url: str) -> httpx.Response:
    """Paste the URL into the LMS, follow it, and press Register."""
    page = httpx.get(
        lms.lms.start_registration(url), trust_env=False, timeout=20, follow_redirects=True
    )
    return Admin.press(page)


def only(done: Finished) -> dict[str, object]:
    """The one integration that a successful command tells of."""
    done.assert_success()
    (found,) = done.data["integrations"]
    assert isinstance(found, dict)
    return found


def serve_keys(ltictl: Ltictl, playback: PlaybackPlatform) -> None:
    """Publish the tool's key set where ``profile.toml`` of the test says."""
    playback.on("/keys", Answer.json(json.loads(ltictl("jwks").stdout)))


def init(ltictl: Ltictl, playback: PlaybackPlatform) -> Path:
    made = ltictl("init", "--name", "Example Tool", "--url", "https://tool.invalid", "--json")
    made.assert_success()
    profile = Path(made.data["profile"])
    settings = profile / "profile.toml"
    uri = f'jwks_uri = "{playback.url("/keys")}"\n'
    text = settings.read_text().replace("# initiate_login_uri", f"{uri}# initiate_login_uri", 1)
    settings.write_text(text)
    ltictl("org", "add", "acme", "--name", "Acme School").assert_success()
    return profile


def test_from_nothing_to_an_active_verified_integration_and_back(
    ltictl: Ltictl, lms: Sandbox, playback: PlaybackPlatform
) -> None:
    profile = init(ltictl, playback)
    serve_keys(ltictl, playback)
    running, url = listening(ltictl)

    assert outcome(press_register(lms, url)) == "registered"

    ended = running.wait(10)
    registered = only(ended)
    assert [event["event"] for event in ended.events] == [
        "listening",
        "opened",
        "registering",
        "registered",
    ]
    (tool,) = lms.lms.tools()
    assert (registered["client_id"], registered["status"]) == (tool.client_id, "pending")
    assert only(ltictl("list", "--json")) == registered
    assert only(ltictl("activate", "acme-moodle", "--json"))["status"] == "active"
    verified = ltictl("verify", "acme-moodle", "--allow-private", "--json")
    assert (verified.code, only(verified)["result"]) == (0, "pass")
    scopes = only(ltictl("show", "acme-moodle", "--json"))["scopes"]
    assert isinstance(scopes, dict)
    assert sorted(scopes["granted"]) == sorted(scopes["requested"])
    assert only(ltictl("deactivate", "acme-moodle", "--yes", "--json"))["status"] == "disabled"
    assert ltictl("remove", "acme-moodle", "--yes", "--json").code == 0
    assert ltictl("list", "--json").data == {"integrations": [], "attempts": [], "invitations": []}
    assert open_to_others(profile) == []
    (entry,) = ltictl("log", "acme-moodle", "--action", "register", "--json").data["entries"]
    assert [each["document"].partition("/")[0] for each in entry["changes"]] == [
        *("integrations", "invitations"),
    ]


def test_nobody_else_may_read_the_profile_with_any_umask(
    ltictl: Ltictl, lms: Sandbox, playback: PlaybackPlatform
) -> None:
    former = os.umask(0)
    try:
        profile = init(ltictl, playback)
        running, url = listening(ltictl)
        press_register(lms, url)
        running.wait(10)
        ltictl("rotate-keys")
        ltictl("remove", "acme-moodle", "--yes")
    finally:
        os.umask(former)

    assert (profile / "removed" / "integrations").is_dir()
    assert open_to_others(profile) == []


def open_to_others(profile: Path) -> list[str]:
    """The paths that are not 0700 (folders) or 0600 (files), the profile's folder included."""
    wrong = []
    for path in (profile, *profile.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode != (0o700 if path.is_dir() else 0o600):
            wrong.append(f"{path.relative_to(profile.parent)} {mode:o}")
    return sorted(wrong)


def test_a_url_issued_beforehand_is_answered_by_a_later_run(acme: Ltictl, lms: Sandbox) -> None:
    early = acme("registration-url", "--org", "acme", "--json")
    running, url = listening(acme)
    assert url == "None", "an open invitation is there: no other is made"
    base = json.loads(running.output("stderr").splitlines()[0])["address"]

    secret = urlsplit(early.data["url"]).query
    assert outcome(press_register(lms, f"{base}?{secret}")) == "registered"

    assert only(running.wait(10))["organization"] == "acme"
    spent = acme("invitation", "list", "--json").data["invitations"]
    assert [(each["state"], each["spent_by"]) for each in spent] == [("spent", "acme-moodle")]


def test_several_are_served_in_one_run_and_activated(acme: Ltictl, lms: Sandbox) -> None:
    acme("org", "add", "uni-bern")
    running, _ = listening(acme, "--count", "2", "--activate", org="")
    base = json.loads(running.output("stderr").splitlines()[0])["address"]
    for slug in ("acme", "uni-bern"):
        given = acme("registration-url", "--org", slug, "--public-url", base).stdout.strip()
        assert outcome(press_register(lms, given)) == "registered"

    found = running.wait(10).data["integrations"]

    assert [(e["id"], e["status"]) for e in found] == [
        ("acme-moodle", "active"),
        ("uni-bern-moodle", "active"),
    ]


def test_without_a_browser(acme: Ltictl, lms: Sandbox, profile: Path) -> None:
    started = parse_qs(urlsplit(lms.lms.start_registration("https://tool.invalid/r?t=1")).query)
    token = profile.parent / "token"
    token.write_text(f"{started['registration_token'][0]}\n")
    address = ("--openid-configuration", "-", "--registration-token-file", str(token))

    done = acme(
        *("register", "--org", "acme", "--yes", "--allow-private", "--json", *address),
        input=f"{started['openid_configuration'][0]}\n",
    )

    assert only(done)["client_id"] == lms.lms.tools()[0].client_id
    assert lms.lms.tools()[0].state is ToolState.PENDING


def test_the_printed_url_is_alone_on_stdout(acme: Ltictl) -> None:
    done = acme("registration-url", "--org", "acme")

    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("http://127.0.0.1:8765/register?t=")
    assert "only in a browser on this computer" in done.stderr


def test_a_terminal_is_asked_whether_to_activate(acme: Ltictl, lms: Sandbox) -> None:
    terminal = acme.terminal("register", "--org", "acme", "--port", "0", "--allow-private")
    screen = terminal.wait_for("?t=")
    url = next(line.strip() for line in screen.splitlines() if "?t=" in line)
    assert outcome(press_register(lms, url)) == "registered"

    terminal.wait_for("Activate acme-moodle now?")
    terminal.send("y\r")

    assert terminal.wait(10) == 0
    assert "active" in terminal.text
    assert only(acme("show", "acme-moodle", "--json"))["status"] == "active"


def test_control_c_at_the_question_leaves_the_activation_for_later(
    acme: Ltictl, lms: Sandbox
) -> None:
    terminal = acme.terminal("register", "--org", "acme", "--port", "0", "--allow-private")
    screen = terminal.wait_for("?t=")
    url = next(line.strip() for line in screen.splitlines() if "?t=" in line)
    assert outcome(press_register(lms, url)) == "registered"

    terminal.wait_for("Activate acme-moodle now?")
    terminal.send("\x03")

    assert terminal.wait(10) == 0
    assert "acme-moodle is registered. ltictl activate acme-moodle" in terminal.text
    assert "error" not in terminal.text
    assert only(acme("show", "acme-moodle", "--json"))["status"] == "pending"


def test_without_an_organization_the_url_leaves_the_choice_to_the_page(
    acme: Ltictl, lms: Sandbox
) -> None:
    running = acme.start("register", "--port", "0", "--allow-private", "--json")
    event = running.next_event("listening")

    page = httpx.get(
        lms.lms.start_registration(str(event["url"])),
        trust_env=False,
        timeout=20,
        follow_redirects=True,
    )

    result = Admin.press(page, organization="acme")
    assert outcome(result) == "registered", words(result)
    assert running.wait(15).data["integrations"][0]["organization"] == "acme"


def test_the_demo_in_a_pipe(ltictl: Ltictl) -> None:
    done = ltictl("demo")

    assert done.code == 0, done
    header, row = (line.split("\t") for line in done.stdout.splitlines())
    assert dict(zip(header, row, strict=True))["status"] == "active"
    assert "LMS administrator" in done.stderr
    assert "warning" not in done.stderr.lower()


def test_the_demo_at_a_terminal(ltictl: Ltictl) -> None:
    terminal = ltictl.terminal("demo", columns=140)

    assert terminal.wait(15) == 0
    for text in ("ltictl register --org acme", "acme-moodle"):
        assert text in terminal.text
    assert list(ltictl.home.temporary.iterdir()) == []
