"""No answer of a platform causes a traceback, an escape sequence or a lost registration."""

import contextlib
import io
import json
import os
import pty
import re
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyte
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltictl.cli.render.output import Output
from ltictl.cli.render.register_events import RegisterEvents
from ltictl.errors import LtictlError, RefusedError
from ltictl.lti.answer import UnusableAnswerError, read_registration
from ltictl.lti.configuration import PlatformConfiguration, judge_configuration
from ltictl.lti.foreign_keys import judge_key_set
from ltictl.lti.refusal import read_refusal
from ltictl.model.attempt import Answer as KeptAnswer
from ltictl.model.web_address import WebAddress
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.operations.context import Context
from ltictl.operations.events import (
    IntegrationRegistered,
    PageOpened,
    RegisterPressed,
    RegistrationFailed,
    VisitFacts,
)
from ltictl.operations.registration.headless import inspect_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan, register_once
from ltictl.store.profile import Profile
from tests.support.hostile_documents import naughty, shuffle, spoiled, twisted
from tests.support.playback import PlaybackPlatform, accepting, moodle_configuration
from tests.support.recordings import load

ADDRESS = WebAddress.parse("https://moodle.example/mod/lti/openid-configuration.php")
CONFIGURATION = moodle_configuration()
CLAIM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
ANSWER = load("04-registration-request/minimal").response.json()
NAME = "https://canvas.instructure.com/lti/account_name"


def assert_says_enough(error: LtictlError) -> None:
    """Fail unless the error says what happened, why, and what to do."""
    assert error.message
    assert error.why, error.code
    assert error.fix, error.code


def assert_judged(body: bytes) -> PlatformConfiguration | None:
    """Return a configuration, or ``None`` if it was refused with words."""
    try:
        return judge_configuration(body, ADDRESS)
    except RefusedError as error:
        assert_says_enough(error)
        return None


def configuration(**members: Any) -> bytes:
    changed = json.loads(json.dumps(CONFIGURATION))
    claim = next(name for name in changed if name.strip() == CLAIM)
    inner = {
        name: members.pop(name) for name in list(members) if name in {"version", NAME, "family"}
    }
    if "family" in inner:
        inner["product_family_code"] = inner.pop("family")
    changed[claim].update(inner)
    return json.dumps(changed | members).encode("utf-8", "surrogatepass")


# --- configurations


def test_spoiled_configurations_are_refused_with_words() -> None:
    bodies = list(spoiled(CONFIGURATION))
    assert len(bodies) >= 300
    accepted = [body for body in bodies if assert_judged(body) is not None]

    for body in accepted:  # only what still is one plain JSON object with the same meaning
        assert json.loads(body)["issuer"] == CONFIGURATION["issuer"]
    assert len(accepted) < 20


def test_naughty_strings_in_every_member_that_is_read() -> None:
    strings = naughty()
    assert len(strings) >= 485
    endpoints = ("issuer", "token_endpoint", "jwks_uri", "registration_endpoint")
    texts = ("family", "version", NAME, "authorization_server")
    lists = ("scopes_supported", "claims_supported")
    count = 0
    for text in strings:
        for member in (*endpoints, *texts, *lists):
            value: Any = [text] if member.endswith("_supported") else text
            found = assert_judged(configuration(**{member: value}))
            assert found is not None or member in endpoints, member
            count += 1
    assert count > 5000


@given(twisted(CONFIGURATION))
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
def test_twisted_configurations(document: dict[str, Any]) -> None:
    found = assert_judged(json.dumps(document).encode())

    if found is not None:
        assert found.platform.issuer == document["issuer"]
        assert all(isinstance(each, str) for each in (*found.hosts, *found.warnings))


# --- what people see of them


class Terminal:
    """A real terminal for an ``Output``; its text is read back raw and by an emulator."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        termios.tcsetwinsize(self._theirs, (200, 300))
        attributes = termios.tcgetattr(self._theirs)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(self._theirs, termios.TCSANOW, attributes)
        self.stream = os.fdopen(self._theirs, "w", encoding="utf-8")
        self.screen = pyte.Screen(300, 200)
        self._read = bytearray()
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def output(self) -> Output:
        return Output(stdout=self.stream, stderr=self.stream)

    def take_written(self) -> bytes:
        """The text written since the last call."""
        self.stream.write("\x04end")
        self.stream.flush()
        until = time.monotonic() + 10
        while not self._read.endswith(b"\x04end"):
            if time.monotonic() >= until:
                raise TimeoutError("the terminal did not give back the written text")
            time.sleep(0.0005)
        data = bytes(self._read).removesuffix(b"\x04end")
        self._read.clear()
        return data

    def close(self) -> None:
        self.stream.close()
        self._reader.join(5)
        os.close(self._ours)

    def _collect(self) -> None:
        with contextlib.suppress(OSError):  # the other side is closed
            while True:
                self._read += os.read(self._ours, 65536)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    yield opened
    opened.close()


OURS = re.compile(rb"\x1b\[(?:31;1|33;1|0|1|2|32|33|36|K)?[mK]|\r\x1b\[K")
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def tell(output: Output, text: str) -> None:
    """Everything that tells people foreign text."""
    events = RegisterEvents(output)
    visit = VisitFacts("7d", "acme", text, text, text, text, (text,))
    error = LtictlError("x", text, why=text, fix=text)
    events.show(PageOpened(visit))
    events.show(RegisterPressed(visit))
    events.show(IntegrationRegistered(visit, text, "acme", text, (text,)))
    events.show(RegistrationFailed(error, visit))
    output.error(error)
    output.warn(text)
    output.line(text)


def test_no_text_steers_a_terminal(terminal: Terminal) -> None:
    feed = pyte.ByteStream(terminal.screen)
    for text in naughty():
        tell(terminal.output(), text[:200])
        written = terminal.take_written()
        assert STEERING.search(OURS.sub(b"", written).decode()) is None, repr(text)
        feed.feed(written)
    assert (terminal.screen.title, terminal.screen.icon_name) == ("", "")
    assert terminal.screen.mode == pyte.Screen(300, 200).mode
    assert terminal.screen.cursor.attrs.fg == "default"


def test_no_text_steers_a_table(terminal: Terminal) -> None:
    output = terminal.output()
    output.table(["Id", "Name"], [[text[:80], text[:80]] for text in naughty()])

    written = terminal.take_written().replace(b"\r\n", b"\n")
    assert STEERING.search(re.sub(rb"\x1b\[[0-9;]*m", b"", written).decode()) is None
    assert b"[/nope]" in written


def test_json_is_ascii_and_one_line() -> None:
    for text in naughty():
        stdout, stderr = io.StringIO(), io.StringIO()
        output = Output(json=True, stdout=stdout, stderr=stderr)
        output.event({"event": "x", "text": text})
        error = partial(LtictlError, "x", text, why=text, fix=text)
        output.envelope("x", {"text": text}, [text], error)
        for stream in (stdout, stderr):
            assert stream.getvalue().isascii()
            (line,) = stream.getvalue().splitlines()
            assert text in str(json.loads(line).values()) or json.loads(line)


@given(st.text())
@settings(max_examples=500)
def test_no_text_at_all_steers_a_terminal(text: str) -> None:
    stream = io.StringIO()

    tell(Output(stdout=stream, stderr=stream), text)

    assert STEERING.search(stream.getvalue()) is None


# --- answers


@pytest.fixture(scope="module")
def plan(profile_template: Path) -> Iterator[tuple[Context, Plan]]:
    """A copy of the profile on a disk that is fast, and the confirmation."""
    import shutil

    with tempfile.TemporaryDirectory(dir=_fast()) as folder, PlaybackPlatform() as platform:
        root = Path(folder) / "profile"
        shutil.copytree(profile_template, root)
        context = Context(Profile(root))
        inspection = inspect_headless(
            context,
            Reach(GuardPolicy(allow_private=True)),
            organization="acme",
            configuration_url=platform.url("configuration"),
            token="",
        )
        yield context, Plan("acme", "", inspection, "")


def _fast() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def assert_nothing_lost(plan: tuple[Context, Plan], body: bytes, status: int = 200) -> str:
    """Register with this answer; nothing may be lost of it. The client_id, empty if none."""
    context, confirmed = plan

    def post(_: str, __: dict[str, str], ___: bytes, on_sending: Callable[[], None]) -> Reply:
        on_sending()
        return Reply(status, {}, body, ADDRESS)

    try:
        done = register_once(context, confirmed, post)
    except LtictlError as error:
        assert_says_enough(error)
        found = ""
        (identifier,) = context.profile.attempts.ids()
        kept = context.profile.attempts.get(identifier).answer
        assert kept is not None
        assert (kept.status, kept.body) == (status, body)
        context.profile.attempts.settle(identifier)
    else:
        found = context.profile.integrations.get(done.integration.id).client_id
        assert context.profile.attempts.ids() == []
        context.profile.integrations.remove(done.integration.id)
    assert context.profile.integrations.ids() == []
    return found


def test_spoiled_answers_are_kept_whole(plan: tuple[Context, Plan]) -> None:
    bodies = list(spoiled(ANSWER))
    assert len(bodies) >= 300

    found = [assert_nothing_lost(plan, body) for body in bodies]

    assert {each for each in found if each} <= {ANSWER["client_id"]}


def test_naughty_strings_as_client_id(plan: tuple[Context, Plan]) -> None:
    count = 0
    for text in naughty():
        found = assert_nothing_lost(plan, json.dumps(ANSWER | {"client_id": text}).encode())
        assert found in {"", text}
        if text.isprintable() and text.isascii() and 0 < len(text) < 256 and text == text.strip():
            assert found == text
            count += 1
    assert count > 100


@given(twisted(ANSWER))
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_twisted_answers(plan: tuple[Context, Plan], document: dict[str, Any]) -> None:
    found = assert_nothing_lost(plan, json.dumps(document).encode())

    given_id = document.get("client_id")
    assert found in {"", str(given_id)}
    if given_id == ANSWER["client_id"]:
        assert found == given_id


def test_naughty_strings_in_every_member_of_an_answer() -> None:
    tool = "https://purl.imsglobal.org/spec/lti-tool-configuration"
    for text in naughty():
        inner = ANSWER[tool] | {"deployment_id": text}
        members = {"scope": text, "registration_client_uri": text, tool: inner}
        body = json.dumps(ANSWER | members | {"registration_access_token": text}).encode()
        found = read_registration(KeptAnswer(200, "", body, complete=True, date=""))
        assert found.client_id == ANSWER["client_id"]
        assert found.deployment_id in {"", text}
        assert "registration_access_token" not in found.document


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 302])
def test_refusals_of_every_kind_become_one_line(status: int) -> None:
    strings = naughty()
    for one, two in zip(strings, shuffle(strings, status), strict=True):
        bodies = [
            json.dumps({"error": one, "error_description": two}),
            json.dumps({"errors": [{"message": one}, two, None, 5]}),
            one,
            f"<html><title>{one}</title><p class=errormessage>{two}</p>",
        ]
        for body in bodies:
            data = body.encode("utf-8", "surrogatepass")
            words = read_refusal(status, data).words
            assert "\n" not in words
            assert len(words) < 700


def test_spoiled_refusals() -> None:
    for body in spoiled({"error": "invalid_client_metadata", "error_description": "no"}):
        answer = KeptAnswer(400, "", body, complete=True, date="")
        assert len(read_refusal(400, body).words) < 700
        with pytest.raises(UnusableAnswerError):
            read_registration(answer)


# --- key sets


@given(twisted({"keys": load("02-platform-jwks").response.json()["keys"]}))
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_twisted_key_sets(document: dict[str, Any]) -> None:
    found = judge_key_set(document)

    assert found.kids or found.problems
    assert all(isinstance(each, str) for each in (*found.kids, *found.problems))


def test_naughty_kids() -> None:
    (key,) = load("02-platform-jwks").response.json()["keys"][:1]
    for text in naughty():
        for member in ("kid", "n", "e", "use", "alg", "kty"):
            found = judge_key_set({"keys": [key | {member: text}]})
            assert found.kids or found.problems


# --- over a real network, by real processes


def test_a_whole_process_for_the_worst(acme: Any, playback: PlaybackPlatform) -> None:
    """One registration at a terminal in which everything foreign is hostile."""
    hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e[/nope]<script>"
    playback.configuration = json.loads(
        configuration(family=hostile, version=hostile, **{NAME: hostile})
    )
    playback.on("registration", accepting(client_name=hostile))
    url = playback.url("configuration")

    terminal = acme.terminal(
        *("register", "--org", "acme", "--yes", "--allow-private", "--openid-configuration", url)
    )

    assert terminal.wait(15) == 0
    assert b"owned\x07" not in terminal.received
    assert (
        STEERING.search(OURS.sub(b"", terminal.received.replace(b"\r\n", b"\n")).decode()) is None
    )
    listed = acme("list", "--json")
    assert listed.code == 0
    assert len(listed.data["integrations"]) == 1
