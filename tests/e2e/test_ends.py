"""The ends of ``register``: signals, the timeout, and requests that are still in progress."""

import contextlib
import signal
import threading
from pathlib import Path

import httpx
import pytest

from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.visit import HEADLESS, Admin, listening, outcome

from .test_bad_input import assert_error, assert_shown_to_people

SIGNALS = [
    pytest.param(signal.SIGINT, 130, id="SIGINT"),
    pytest.param(signal.SIGTERM, 143, id="SIGTERM"),
    pytest.param(signal.SIGHUP, 143, id="SIGHUP"),
]


# Seconds that stand for "at once" on a busy machine; far less than what the runs wait for.
AT_ONCE = 8


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_waiting_ends_it_at_once(
    acme: Ltictl, number: signal.Signals, code: int
) -> None:
    running, _ = listening(acme)

    running.send_signal(number)
    ended = running.wait(AT_ONCE)

    assert_error(ended, code, "interrupted")


def test_a_signal_as_text(acme: Ltictl) -> None:
    running = acme.start("register", "--org", "acme", "--port", "0")
    running.wait_for_line("?t=")

    running.send_signal(signal.SIGTERM)
    ended = running.wait(10)

    assert (ended.code, ended.stdout) == (143, "")
    assert "error: Stopped; nothing was registered." in ended.stderr


def test_control_c_at_a_terminal(acme: Ltictl) -> None:
    terminal = acme.terminal("register", "--org", "acme", "--port", "0")
    terminal.wait_for("Waiting for")

    terminal.send("\x03")

    assert terminal.wait(5) == 130
    assert "Stopped; nothing was registered." in terminal.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_after_a_success_a_signal_is_a_normal_end(
    acme: Ltictl, admin: Admin, number: signal.Signals
) -> None:
    running, url = listening(acme, "--forever")
    assert outcome(admin.press(admin.open(url))) == "registered"
    running.next_event("registered")

    running.send_signal(number)
    ended = running.wait(10)

    assert ended.code == 0
    assert [each["id"] for each in ended.data["integrations"]] == ["acme-moodle"]


def test_a_signal_while_a_configuration_is_fetched_ends_it_at_once(
    acme: Ltictl, admin: Admin, playback: PlaybackPlatform
) -> None:
    playback.on("configuration", Answer.json({}, delay=20))
    running, url = listening(acme)
    visit = threading.Thread(target=lambda: _quietly(admin, url))
    visit.start()
    playback.wait_for_request("configuration")

    running.send_signal(signal.SIGTERM)
    ended = running.wait(AT_ONCE)

    assert_error(ended, 143, "interrupted")
    visit.join()


def _quietly(admin: Admin, url: str, press: bool = False) -> None:
    with contextlib.suppress(httpx.HTTPError):
        page = admin.open(url)
        if press:
            admin.press(page)


def test_a_signal_while_an_answer_is_outstanding_waits_for_it(
    acme: Ltictl, admin: Admin, playback: PlaybackPlatform
) -> None:
    accept = accepting()

    def slowly(request: object) -> Answer:
        answer = accept(request)  # type: ignore[arg-type]  # handed on as it is
        return Answer(answer.status, answer.headers, answer.body, delay=1.5)

    playback.on("registration", slowly)
    running, url = listening(acme)
    visit = threading.Thread(target=lambda: _quietly(admin, url, press=True))
    visit.start()
    playback.wait_for_request("registration")

    running.send_signal(signal.SIGINT)
    ended = running.wait(10)
    visit.join()

    assert (ended.code, "finishing" in {each["event"] for each in ended.events}) == (0, True)
    assert [each["id"] for each in ended.data["integrations"]] == ["acme-moodle"]


def test_a_second_signal_leaves_at_once_and_the_attempt_stays(
    acme: Ltictl, admin: Admin, playback: PlaybackPlatform
) -> None:
    playback.on("registration", Answer.json({}, delay=20))
    running, url = listening(acme)
    visit = threading.Thread(target=lambda: _quietly(admin, url, press=True))
    visit.start()
    playback.wait_for_request("registration")
    running.send_signal(signal.SIGINT)
    running.next_event("finishing")

    running.send_signal(signal.SIGINT)
    ended = running.wait(AT_ONCE)
    visit.join()

    assert_error(ended, 130, "interrupted")
    attempts = acme("list", "--json").data["attempts"]
    assert [(each["id"], each["stage"]) for each in attempts] == [("acme-moodle", "sent")]


@pytest.mark.parametrize(("number", "code"), SIGNALS[:2])
def test_headless_a_signal_before_the_request_sends_nothing(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path, number: signal.Signals, code: int
) -> None:
    playback.on("configuration", Answer.json({}, delay=20))
    address = ("--openid-configuration", playback.url("configuration"))
    running = acme.start(*HEADLESS, *address, "--json")
    playback.wait_for_request("configuration")

    running.send_signal(number)
    ended = running.wait(10)

    assert_error(ended, code, "interrupted")
    assert not (profile / "attempts").exists()


def test_nobody_coming(acme: Ltictl) -> None:
    given = ("register", "--org", "acme", "--port", "0", "--timeout", "1s")

    done = acme(*given, "--json")

    error = assert_error(done, 5, "nobody_came")
    assert [each["event"] for each in done.events] == ["listening"]
    text = acme(*given)
    assert_shown_to_people(
        type(text)(text.code, text.stdout, text.stderr[text.stderr.index("error:") :]), 5, error
    )
