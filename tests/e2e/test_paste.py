"""``register --paste`` with the texts that people paste, piped and at a terminal."""

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished
from tests.support.sealing import armoured, seal
from tests.support.terminal import CONTROL_C, Terminal
from tests.support.visit import tree

from .test_bad_input import assert_error

PUBLIC = "https://tool.example/lti/register"


class Mail:
    """The text that an LMS administrator would send."""

    def __init__(self, acme: Ltictl, playback: PlaybackPlatform) -> None:
        self._acme = acme
        self._playback = playback
        self.key = str(acme("relay-page", "--json").data["key"])

    def parameters(self, token: str = "the-token", org: str = "acme") -> dict[str, str]:  # noqa: S107
        chosen = ("--org", org) if org else ()
        issued = self._acme("registration-url", *chosen, "--public-url", PUBLIC, "--json").data
        return {
            "t": str(issued["url"]).partition("?t=")[2],
            "openid_configuration": self._playback.url("configuration"),
            "registration_token": token,
        }

    def address(self, **how: str) -> str:
        return f"{PUBLIC}?{urlencode(self.parameters(**how))}"

    def block(self, *, life: int = 3600, **how: str) -> str:
        sent = self.parameters(**how)
        invitation = sent["t"].partition(".")[0]
        return armoured(seal(self.key, invitation, int(time.time()) + life, sent))


@pytest.fixture
def mail(acme: Ltictl, playback: PlaybackPlatform) -> Mail:
    return Mail(acme, playback)


def paste(acme: Ltictl, text: str, *args: str) -> Finished:
    return acme("register", "--paste", "--yes", "--allow-private", "--json", *args, input=text)


def integration(done: Finished) -> Any:
    done.assert_success()
    return done.data["integrations"][0]["id"]


@pytest.mark.parametrize("args", [(), ("--org", "acme")], ids=["by itself", "named"])
@pytest.mark.parametrize("kind", ["address", "block"])
def test_a_pasted_text_registers_and_spends_its_invitation(
    acme: Ltictl, mail: Mail, playback: PlaybackPlatform, kind: str, args: tuple[str, ...]
) -> None:
    text = mail.address() if kind == "address" else mail.block()

    assert integration(paste(acme, f"{text}\n", *args)) == "acme-moodle"

    (request,) = playback.requests_to("registration")
    assert request.headers["authorization"] == "Bearer the-token"
    assert_error(paste(acme, text, *args), 1, "invitation_spent")


def test_an_address_that_a_mail_program_has_wrapped(acme: Ltictl, mail: Mail) -> None:
    wrapped = re.sub("(.{60})", r"\1\n", mail.address())

    assert integration(paste(acme, wrapped)) == "acme-moodle"


def test_the_configuration_itself_needs_the_organization(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    url = playback.url("configuration") + "?registration_token=abc"

    assert_error(paste(acme, url), 2, "options_missing")
    assert playback.requests == []
    assert integration(paste(acme, url, "--org", "acme")) == "acme-moodle"
    (request,) = playback.requests_to("registration")
    assert request.headers["authorization"] == "Bearer abc"


def test_an_invitation_for_any_organization_needs_one_named(acme: Ltictl, mail: Mail) -> None:
    block = mail.block(org="")

    assert_error(paste(acme, block), 2, "options_missing")
    assert integration(paste(acme, block, "--org", "acme")) == "acme-moodle"


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("", 2, "nothing_pasted"),
        (" \n\n", 2, "nothing_pasted"),
        ("hello", 2, "neither_address_nor_block"),
        ("ftp://lms.example/?openid_configuration=x", 2, "neither_address_nor_block"),
        ("https://[::1/", 2, "neither_address_nor_block"),
        (f"{PUBLIC}?t=a.b", 2, "nothing_added"),
        (f"{PUBLIC}?t=a.b&openid_configuration=https://x/", 4, "unknown_invitation"),
        (f"{PUBLIC}?t=../x.b&openid_configuration=https://x/", 4, "unknown_invitation"),
        ("ltictl1.cut", 2, "block_damaged"),
        ("x" * 300_000, 2, "paste_too_long"),
    ],
)
def test_what_cannot_be_used(
    acme: Ltictl, mail: Mail, profile: Path, text: str, code: int, name: str
) -> None:
    assert mail.key
    before = tree(profile)

    assert_error(paste(acme, text), code, name)

    assert tree(profile) == before


def test_the_secret_of_the_invitation_counts(acme: Ltictl, mail: Mail) -> None:
    sent = mail.parameters()
    sent["t"] = sent["t"][:-3] + "AAA"
    block = seal(mail.key, sent["t"].partition(".")[0], int(time.time()) + 60, sent)

    assert_error(paste(acme, block), 4, "unknown_invitation")
    assert_error(paste(acme, f"{PUBLIC}?{urlencode(sent)}"), 4, "unknown_invitation")


def test_another_organization_a_late_block_another_profile(
    acme: Ltictl, mail: Mail, playback: PlaybackPlatform
) -> None:
    block = mail.block()
    acme("org", "add", "uni-bern")
    other = acme.home.path / "other"
    acme("init", "--name", "Other", "--url", "https://o.example", profile=other)

    error = assert_error(paste(acme, block, "--org", "uni-bern"), 2, "organization_mismatch")
    assert "--org acme" in error["fix"]
    assert_error(paste(acme, mail.block(life=-1)), 1, "block_expired")
    assert_error(paste(acme, block, "--profile", str(other)), 1, "no_relay_key")
    acme("relay-page", profile=other)
    assert_error(paste(acme, block, "--profile", str(other)), 1, "block_not_ours")
    assert_error(paste(acme, block, "--openid-configuration", "https://x/"), 2, "options_conflict")
    assert playback.requests == []


def test_the_key_of_the_page_stays(acme: Ltictl, mail: Mail, profile: Path) -> None:
    again = acme("relay-page", "--output", str(acme.home.path / "page.html"), "--json")

    assert again.data["key"] == mail.key
    assert (profile / "secrets" / "_relay.toml").stat().st_mode & 0o777 == 0o600
    assert (acme.home.path / "page.html").stat().st_mode & 0o777 == 0o644
    assert "PRIVATE" not in (acme.home.path / "page.html").read_text()
    assert acme("relay-page").stdout == (acme.home.path / "page.html").read_text()
    assert [w for w in again.json["warnings"] if "public_url" in w]


def answer_question(acme: Ltictl) -> Terminal:
    terminal = acme.terminal("register", "--paste", "--allow-private")
    terminal.wait_for("Paste the address or the sealed block")
    return terminal


def test_a_line_longer_than_a_terminal_takes_arrives_whole_and_unseen(
    acme: Ltictl, mail: Mail, playback: PlaybackPlatform
) -> None:
    token = "t" * 9000
    address = mail.address(token=token)
    terminal = answer_question(acme)
    # A paste comes faster than it is read, and its last line break must not answer the question.
    terminal.send(f"{address}\r\r\r")
    terminal.wait_for("Register acme at 127.0.0.1")
    time.sleep(0.3)
    assert playback.requests_to("registration") == []
    assert "ttttttttt" not in terminal.received.decode()

    terminal.send("y\r")
    playback.wait_for_request("registration")

    (request,) = playback.requests_to("registration")
    assert request.headers["authorization"] == f"Bearer {token}"


def test_a_block_typed_line_by_line_waits_for_its_end(acme: Ltictl, mail: Mail) -> None:
    lines = mail.block().splitlines()
    terminal = answer_question(acme)
    for line in lines[:-1]:
        terminal.send(f"{line}\r")
    time.sleep(0.8)
    assert "Register acme" not in terminal.text
    terminal.send(f"{lines[-1]}\r")

    terminal.wait_for("Register acme at 127.0.0.1")
    terminal.send("n\r")

    assert terminal.wait(10) == 0
    assert "Nothing was sent" in terminal.text


@pytest.mark.parametrize(("keys", "code"), [(CONTROL_C, 130), ("\x04", 2)], ids=["C", "D"])
def test_it_can_be_left(acme: Ltictl, mail: Mail, keys: str, code: int) -> None:
    assert mail.key
    terminal = answer_question(acme)
    terminal.send("https://half")

    terminal.send(keys)

    assert terminal.wait(5) == code


def test_nothing_pasted_is_echoed_or_stored(
    acme: Ltictl, mail: Mail, playback: PlaybackPlatform, profile: Path
) -> None:
    playback.on("configuration", *[playback_answer(404)])
    sent = mail.parameters(token="CANARY1")
    sent["openid_configuration"] += "?" + quote("once=CANARY2")

    done = paste(acme, f"{PUBLIC}?{urlencode(sent)}", "--verbose")

    assert_error(done, 3, "configuration_unavailable")
    shown = done.stdout + done.stderr + str(tree(profile))
    assert "CANARY" not in shown


def playback_answer(status: int) -> Any:
    from tests.support.answers import Answer

    return Answer.text("no", status)
