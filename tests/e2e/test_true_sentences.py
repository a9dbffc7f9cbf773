"""Sentences that were once false, each in the state of the profile that made it false."""

from pathlib import Path

import pytest

from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin, headless, listening, words

LOOPBACK = "http://127.0.0.1:8765/register"


@pytest.fixture
def active(acme: Ltictl, playback: PlaybackPlatform) -> Ltictl:
    """One integration, in use."""
    done = headless(acme, playback.url("configuration"), "--activate")
    assert done.code == 0, done
    return acme


@pytest.mark.parametrize("filters", [("--status", "pending"), ("--platform", "canvas")])
def test_an_empty_choice_is_no_empty_profile(active: Ltictl, filters: tuple[str, ...]) -> None:
    done = active("list", *filters)

    assert done.code == 0
    assert "No integration yet" not in done.stderr
    assert "None of 1 integration" in done.stderr


def test_list_of_an_empty_profile_names_the_first_step(acme: Ltictl) -> None:
    assert "Next: ltictl register --org acme" in acme("list").stderr
    assert "Next: ltictl register --org acme" in acme("list", "--org", "acme").stderr


def test_doctor_claims_nothing_of_lmss_that_are_not_there(acme: Ltictl) -> None:
    def detail() -> str:
        found = acme("doctor", "--offline", "--json").data["checks"]
        return next(str(each["detail"]) for each in found if each["id"] == "told_jwks_uri")

    assert detail() == "no LMS has an address from here yet"


@pytest.mark.parametrize("org", ["acme", ""])
def test_a_url_that_was_made_for_another_port_is_named(acme: Ltictl, org: str) -> None:
    assert acme("registration-url", "--org", "acme").code == 0
    given = ("--org", org) if org else ()

    terminal = acme.terminal("register", *given, "--port", "0", "--allow-private")

    screen = terminal.wait_for("For another one:")
    assert f"A URL that begins with {LOOPBACK} does not lead here." in screen
    assert "ltictl register --port 8765" in screen
    assert "that was printed when it was made" not in screen


def test_a_link_of_another_organization_is_not_silence(acme: Ltictl, admin: Admin) -> None:
    acme("org", "add", "beta")
    running, url = listening(acme, "--timeout", "4s")
    base = url.partition("?")[0]
    other = acme("registration-url", "--org", "beta", "--public-url", base).stdout.strip()

    admin.open(other)

    done = running.wait(20)
    assert (done.code, done.error["code"]) == (5, "nobody_came")
    assert done.error["why"] == "Only links were opened that this run does not take."


def test_show_of_an_old_integration_asks_for_nothing(active: Ltictl, profile: Path) -> None:
    document = profile / "integrations" / "acme-moodle.toml"
    assert "in Moodle (if not done yet)" in active("show", "acme-moodle").stdout
    since = _since(document, "2020-01-01T00:00:00Z")
    document.write_text(since)

    shown = active("show", "acme-moodle").stdout

    assert "if not done yet" not in shown
    assert shown.partition("Next step\n")[2].strip() == "here: ltictl verify acme-moodle"


def _since(document: Path, moment: str) -> str:
    lines = document.read_text().splitlines()
    changed = [f"activated_at = {moment}" if _is_switch(each) else each for each in lines]
    if changed == lines:
        raise ValueError(f"no switch in {document}")
    return "\n".join(changed) + "\n"


def _is_switch(line: str) -> bool:
    return line.startswith("activated_at")


def test_show_begins_with_a_known_problem(active: Ltictl) -> None:
    failed = active("verify", "acme-moodle", "--allow-private", "--json")
    assert failed.code == 8

    shown = active("show", "acme-moodle").stdout

    first = shown.partition("Next step\n")[2].splitlines()[0].strip()
    assert first.startswith("here: ltictl verify acme-moodle (")


def test_an_option_that_was_missing_is_no_problem_of_the_integration(active: Ltictl) -> None:
    done = active("verify", "acme-moodle", "--json")

    assert done.code == 8
    (shown,) = active("show", "acme-moodle", "--json").data["integrations"]
    assert not any("127.0.0.1" in each or "private" in each for each in shown["problems"])


@pytest.mark.parametrize("moved", ["issuer", "redirect"])
@pytest.mark.parametrize("way", ["page", "headless"])
def test_where_an_lms_has_moved_its_integrations_are_named(
    active: Ltictl, playback: PlaybackPlatform, moved: str, way: str
) -> None:
    there = playback.served_configuration() | {"issuer": "https://new.example"}
    away = Answer.redirect("https://new.example/mod/lti/openid-configuration.php")
    playback.on("configuration", Answer.json(there) if moved == "issuer" else away)
    if way == "headless":
        error = headless(active, playback.url("configuration"), "--json").error
    else:
        running, url = listening(active)
        shown = words(Admin(playback.url("configuration")).open(url))
        error = running.next_event("failed")["error"]
        assert "acme-moodle" not in shown
        assert moved == "issuer" or "Open the LMS at its new address" in shown

    assert "Registered under the former issuer: acme-moodle." in error["fix"]


@pytest.mark.parametrize("public", [(), ("--public-url", "http://localhost:9000/register")])
def test_a_mail_says_that_its_address_is_for_one_computer(
    acme: Ltictl, profile: Path, public: tuple[str, ...]
) -> None:
    wanted = profile.parent / "wanted.toml"
    wanted.write_text('[[organizations]]\nslug = "beta"\ninvite = true\n')

    applied = acme("apply", str(wanted), "--yes", "--json", *public)
    mailed = acme("registration-url", "--org", "acme", "--instructions", "moodle", *public)

    (letter,) = applied.data["invitations"]
    for text in (Path(letter["file"]).read_text("utf-8"), mailed.stdout):
        assert "works only in a browser on the computer of the person who sent you" in text
    (warning,) = applied.json["warnings"]
    assert "do not send it to a school" in warning
    assert "--public-url" in warning
    assert "do not send it to a school" in mailed.stderr


def test_a_mail_with_a_public_address_warns_of_nothing(acme: Ltictl, profile: Path) -> None:
    wanted = profile.parent / "wanted.csv"
    wanted.write_text("slug\nbeta\n")
    public = ("--public-url", "https://tool.invalid/lti/register")

    applied = acme("apply", str(wanted), "--yes", "--json", *public)

    assert applied.json["warnings"] == []
    letter = Path(applied.data["invitations"][0]["file"]).read_text("utf-8")
    assert "computer of the person" not in letter
