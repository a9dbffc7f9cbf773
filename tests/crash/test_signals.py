"""Ctrl-C, SIGTERM and a closed terminal, before and after the request has left."""

import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ltictl.model.record import replace
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Home, Ltictl, argv
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Finished, Running, start_afresh
from tests.support.scale import chosen
from tests.support.visit import Admin

from .documents import files_of, leftovers

AT_ONCE = 8  # seconds on a busy machine, far less than what the runs wait for
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
SIGNALS = pytest.mark.parametrize("number", chosen(list(CODES), 2), ids=lambda number: number.name)
REGISTER = ("register", "--org", "acme", "--yes", "--allow-private")
Sending = Callable[[], Running]


@pytest.fixture
def ltictl(home: Home) -> Iterator[Ltictl]:
    """Starts afresh: a signal may come at any moment of a run."""
    with Ltictl(home, start_afresh) as runner:
        yield runner


@pytest.fixture(params=["headless", "browser"])
def sending(
    request: pytest.FixtureRequest, ltictl: Ltictl, profile: Path, playback: PlaybackPlatform
) -> Iterator[Sending]:
    """Starts a registration and returns when its request has arrived."""
    assert profile.exists()
    with contextlib.ExitStack() as visits:

        def start() -> Running:
            if request.param == "headless":
                running = headless(ltictl, playback)
            else:
                running = browser(ltictl, playback, visits)
            playback.wait_for_request("registration")
            return running

        yield start


def headless(ltictl: Ltictl, playback: PlaybackPlatform) -> Running:
    configuration = playback.url("configuration")
    return ltictl.start(*REGISTER, "--json", "--openid-configuration", configuration)


def browser(ltictl: Ltictl, playback: PlaybackPlatform, visits: contextlib.ExitStack) -> Running:
    running = ltictl.start("register", "--org", "acme", "--allow-private", "--port", "0", "--json")
    url = str(running.next_event("listening")["url"])
    admin = Admin(playback.url("configuration"))
    page = admin.open(url)

    def press() -> None:
        with contextlib.suppress(httpx.HTTPError):  # cut off where the run has to end
            admin.press(page)

    pressing = threading.Thread(target=press)
    pressing.start()
    visits.callback(pressing.join)
    return running


def slow(seconds: float) -> Callable[[ReceivedRequest], Answer]:
    """A platform that stores the tool at once and takes its time to say so."""
    accept = accepting()

    def answer(request: ReceivedRequest) -> Answer:
        return replace(accept(request), delay=seconds)

    return answer


def end(running: Running, number: signal.Signals, patience: float) -> Finished:
    running.send_signal(number)
    return running.wait(patience)


@SIGNALS
def test_while_the_platform_is_looked_at(
    ltictl: Ltictl, profile: Path, playback: PlaybackPlatform, number: signal.Signals
) -> None:
    playback.on("configuration", Answer.json({}, delay=20))
    before = files_of(profile)
    running = headless(ltictl, playback)
    playback.wait_for_request("configuration")

    done = end(running, number, AT_ONCE)

    assert (done.code, done.error["code"]) == (CODES[number], "interrupted"), done
    assert "Traceback" not in done.stderr
    assert (files_of(profile), leftovers(profile)) == (before, [])
    assert not (profile / "attempts").exists()


@SIGNALS
def test_while_nobody_has_come(ltictl: Ltictl, profile: Path, number: signal.Signals) -> None:
    running = ltictl.start("register", "--org", "acme", "--port", "0", "--json")
    running.next_event("listening")

    done = end(running, number, AT_ONCE)

    assert (done.code, done.error["code"]) == (CODES[number], "interrupted"), done
    assert "Traceback" not in done.stderr
    assert leftovers(profile) == []


@SIGNALS
def test_while_another_run_keeps_the_lock(
    ltictl: Ltictl, profile: Path, playback: PlaybackPlatform, number: signal.Signals
) -> None:
    with (profile / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = headless(ltictl, playback)
        wait_until(lambda: any((profile / "attempts").glob(".*")))
        done = end(running, number, AT_ONCE)

    assert (done.code, done.error["code"]) == (CODES[number], "interrupted"), done
    assert playback.requests_to("registration") == []
    assert ltictl("list", "--json").data["attempts"] == []


@SIGNALS
def test_once_the_request_has_left_the_first_waits_for_the_answer(
    sending: Sending, ltictl: Ltictl, playback: PlaybackPlatform, number: signal.Signals
) -> None:
    playback.on("registration", slow(1.2))
    running = sending()

    running.send_signal(number)
    said = running.next_event("finishing")
    done = running.wait(10)

    assert said["seconds"] == 30
    assert done.code == 0, done
    assert [each["client_id"] for each in done.data["integrations"]] == ["client000000001"]
    listed = ltictl("list", "--json").data
    assert (len(listed["integrations"]), listed["attempts"]) == (1, [])


@SIGNALS
def test_the_second_leaves_the_attempt_and_goes(
    sending: Sending, ltictl: Ltictl, playback: PlaybackPlatform, number: signal.Signals
) -> None:
    playback.on("registration", slow(20))
    running = sending()

    running.send_signal(number)
    running.next_event("finishing")
    done = end(running, number, AT_ONCE)

    assert (done.code, done.error["code"]) == (CODES[number], "interrupted"), done
    assert "ltictl recover" in done.error["fix"]
    assert "Traceback" not in done.stderr
    attempt = ltictl("list", "--json").data["attempts"][0]
    assert (attempt["id"], attempt["stage"]) == ("acme-moodle", "sent")
    assert ltictl("recover").code == 7
    again = headless(ltictl, playback).wait()
    assert (again.code, again.error["code"]) == (7, "attempt_unsettled")


def test_a_terminal_that_is_closed_after_the_request_has_left(
    home: Home, ltictl: Ltictl, profile: Path, playback: PlaybackPlatform
) -> None:
    playback.on("registration", slow(1.0))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        argv(*REGISTER, "--openid-configuration", playback.url("configuration")),
        env=home.environment(),
        cwd=home.path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  before any thread
    )
    os.close(theirs)
    playback.wait_for_request("registration")
    os.close(ours)  # SIGHUP, and from now on every word is an I/O error

    process.wait(15)

    assert profile.exists()
    listed = ltictl("list", "--json").data
    assert [each["client_id"] for each in listed["integrations"]] == ["client000000001"]
    assert listed["attempts"] == []


def test_ctrl_c_while_modules_are_imported_shows_no_traceback(
    ltictl: Ltictl, tmp_path: Path
) -> None:
    interrupted = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    (tmp_path / "typer.py").write_text(interrupted)

    done = ltictl("list", env={"PYTHONPATH": str(tmp_path)})

    assert (done.code, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("where", ["a reader that left", "nowhere", "a full disk"])
def test_an_output_that_is_gone_does_not_stop_the_storing(
    home: Home, ltictl: Ltictl, profile: Path, playback: PlaybackPlatform, where: str
) -> None:
    command = argv(*REGISTER, "--openid-configuration", playback.url("configuration"), "--json")
    shell = {
        "a reader that left": '"$@" | true; exit ${PIPESTATUS[0]}',
        "nowhere": '"$@" >&-',
        "a full disk": '"$@" >/dev/full',
    }[where]

    done = subprocess.run(
        ["bash", "-c", shell, "bash", *command],
        env=home.environment(),
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert profile.exists()
    assert done.returncode == (1 if where == "a full disk" else 0), done
    assert b"Traceback" not in done.stderr
    assert b"failed unexpectedly" not in done.stderr
    listed = ltictl("list", "--json").data
    assert [each["client_id"] for each in listed["integrations"]] == ["client000000001"]
    assert listed["attempts"] == []


def wait_until(reached: Callable[[], bool], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not reached():
        if time.monotonic() >= deadline:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)
