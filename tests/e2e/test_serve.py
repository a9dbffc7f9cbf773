"""``serve`` as real processes: supervised, watched, reloaded and restarted under load."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ltictl.operations.context import Context
from ltictl.operations.invite import invite
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl, argv
from tests.support.parts import require
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Running
from tests.support.visit import Admin, outcome

ARGUMENTS = ("serve", "--port", "0", "--monitor-port", "0", "--allow-private")
JSON = (*ARGUMENTS, "--log-format", "json")


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False, timeout=20)


@contextlib.contextmanager
def notified() -> Iterator[tuple[str, socket.socket]]:
    """A supervisor's socket at an abstract address, and that address as the variable has it."""
    require("abstract addresses", sys.platform == "linux", "Linux")
    name = f"ltictl-{os.urandom(8).hex()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0{name}")
        channel.settimeout(20)
        yield f"@{name}", channel


def heard(channel: socket.socket, line: str) -> list[str]:
    """The lines of the next message that has ``line``."""
    while True:
        lines = channel.recv(4096).decode().splitlines()
        if line in lines:
            return lines


class School:
    """Administrators who register at one running service, each with an invitation of their own.

    Args:
        profile: where the invitations are made.
        playback: the LMS of all.
    """

    def __init__(self, profile: Path, playback: PlaybackPlatform) -> None:
        self._context = Context(Profile(profile))
        self._playback = playback
        self._numbers = itertools.count()
        playback.on("registration", accepting())

    def register(self, base: str) -> str:
        """The outcome of one registration; where nobody listens just now, it tries again."""
        slug = f"school-{next(self._numbers)}"
        url = invite(self._context, organization=slug, create=True).url(base)
        admin = Admin(self._playback.url("configuration"))
        for _ in range(40):
            with contextlib.suppress(httpx.TransportError):
                page = admin.open(url)
                found = outcome(admin.press(page)) if "<form" in page.text else outcome(page)
                if found != "failed":  # a service that ends sends nothing more
                    return found
        return ""

    def asked(self) -> int:
        return len(self._playback.requests_to("registration"))


@pytest.fixture
def school(profile: Path, playback: PlaybackPlatform) -> School:
    return School(profile, playback)


def addresses(running: Running) -> tuple[str, str]:
    """The addresses of the page and of the monitor."""
    page = str(running.next_event("listening")["address"])
    return page, str(running.next_event("monitor")["address"])


def test_the_supervisor_hears_of_the_whole_life(acme: Ltictl, school: School) -> None:
    with notified() as (address, channel):
        env = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000"}
        running = acme.start(*JSON, env=env)
        base, _ = addresses(running)

        assert heard(channel, "READY=1") == ["READY=1", "STATUS=0 registered since the start"]
        for _ in range(3):
            heard(channel, "WATCHDOG=1")
        assert school.register(base) == "registered"
        heard(channel, "STATUS=1 registered since the start")
        running.send_signal(signal.SIGHUP)
        assert heard(channel, "RELOADING=1")[1].startswith("MONOTONIC_USEC=")
        heard(channel, "READY=1")
        running.send_signal(signal.SIGTERM)
        heard(channel, "STOPPING=1")
        assert running.wait(30).code == 0


def test_a_watchdog_of_another_process_is_none_of_its_business(acme: Ltictl) -> None:
    with notified() as (address, channel):
        env = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000", "WATCHDOG_PID": "1"}
        running = acme.start(*JSON, env=env)
        heard(channel, "READY=1")
        running.send_signal(signal.SIGTERM)

        assert heard(channel, "STOPPING=1")
        assert running.wait(30).code == 0


def test_the_monitor_answers_on_this_computer_alone(acme: Ltictl, profile: Path) -> None:
    running = acme.start(*JSON, "--listen", "0.0.0.0")  # noqa: S104  that is the test
    page, monitor = addresses(running)
    port = monitor.rpartition(":")[2]

    assert (get(f"{monitor}/healthz").text, get(f"{monitor}/readyz").text) == ("alive\n", "ready\n")
    assert "ltictl_build_info" in get(f"{monitor}/metrics").text
    assert get(f"{monitor}/metrics", host=f"evil.example:{port}").status_code == 421
    assert get(f"{monitor}/register").status_code == 404
    public = page.removesuffix("/register")
    for path in ("/healthz", "/readyz", "/metrics"):
        assert get(public + path).status_code == 404
    assert get(f"{public}/jwks.json").json()["keys"]
    with socket.socket() as outside:
        outside.bind(("127.0.0.1", 0))
        assert f"0100007F:{int(port):04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()

    settings = profile / "profile.toml"
    settings.write_text(settings.read_text() + "\nnonsense = [")
    unready = get(f"{monitor}/readyz")
    assert unready.status_code == 503
    assert get(f"{monitor}/healthz").status_code == 200
    running.send_signal(signal.SIGTERM)
    assert running.wait(30).code == 0


def test_a_reload_under_load_moves_the_page_and_loses_nothing(
    acme: Ltictl, profile: Path, school: School
) -> None:
    running = acme.start(*JSON)
    base, _ = addresses(running)
    port = base.split(":")[2].partition("/")[0]
    settings = profile / "profile.toml"
    former = settings.read_text()
    moved = f"http://127.0.0.1:{port}/lti/other"

    with ThreadPoolExecutor(6) as pool:
        results = [pool.submit(school.register, base) for _ in range(24)]
        settings.write_text(f"{former}\n[callback]\n")  # the table is there twice
        running.send_signal(signal.SIGHUP)
        refused = running.next_event("reload_failed")
        settings.write_text(former.replace("[callback]", f'[callback]\npublic_url = "{moved}"'))
        running.send_signal(signal.SIGHUP)
        reloaded = running.next_event("reloaded")
        results += [pool.submit(school.register, moved) for _ in range(6)]

    assert [each.result() for each in results] == ["registered"] * 30
    assert refused["level"] == "error"
    assert reloaded["address"] == moved
    running.send_signal(signal.SIGTERM)
    assert running.wait(30).code == 0
    assert len(acme("list", "--json").data["integrations"]) == 30


def test_the_log_holds_no_secret(
    acme: Ltictl, profile: Path, playback: PlaybackPlatform, school: School
) -> None:
    assert school.asked() == 0
    running = acme.start(*JSON)
    base, _ = addresses(running)
    url = invite(Context(Profile(profile)), organization="acme").url(base)
    admin = Admin(playback.url("configuration") + "?key=canary-of-the-lms", "canary-token")
    assert outcome(admin.press(admin.open(url))) == "registered"
    get(f"{url}&openid_configuration=http://127.0.0.1:1/canary-path")
    running.send_signal(signal.SIGTERM)
    done = running.wait(30)

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {each["event"] for each in lines} >= {"listening", "monitor", "opened", "registered"}
    assert all(each["time"].endswith("Z") and each["level"] for each in lines)
    assert "canary" not in done.stderr + done.stdout
    assert url.rpartition(".")[2] not in done.stderr


def test_as_text_a_warning_is_written_when_it_comes(
    acme: Ltictl, profile: Path, school: School
) -> None:
    settings = profile / "profile.toml"
    text = settings.read_text()
    settings.write_text(f'{text[: text.index("[hooks]")]}[hooks]\nafter_change = ["false"]\n')
    running = acme.start(*ARGUMENTS)
    line = running.wait_for_line("Listening at")
    running.wait_for_line("Health and metrics at")

    assert school.register(line.split()[2]) == "registered"
    running.wait_for_line("Registered school-0")
    running.wait_for_line("warning: The hook false failed")
    running.send_signal(signal.SIGTERM)
    assert running.wait(30).code == 0


def test_two_services_do_not_share_a_monitor(acme: Ltictl) -> None:
    first = acme.start(*JSON)
    _, monitor = addresses(first)
    port = monitor.rpartition(":")[2]

    second = acme("serve", "--port", "0", "--monitor-port", port, "--json")

    assert (second.code, second.error["code"]) == (1, "port_taken")
    assert "--monitor-port" in second.error["fix"]
    first.send_signal(signal.SIGTERM)
    assert first.wait(30).code == 0


STARTER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


@contextlib.contextmanager
def activated(
    acme: Ltictl, listener: socket.socket, number: str = "1"
) -> Iterator["subprocess.Popen[bytes]"]:
    """A service that gets the socket from its starter, as systemd does it."""
    with subprocess.Popen(
        [
            *(sys.executable, "-c", STARTER, str(listener.fileno()), number),
            *argv("serve", "--monitor-port", "0", "--allow-private", "--json"),
        ],
        env=acme.home.environment(),
        pass_fds=(listener.fileno(),),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def test_restarts_under_load_lose_no_registration(acme: Ltictl, school: School) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}/register"
        with ThreadPoolExecutor(6) as pool:
            results = [pool.submit(school.register, base) for _ in range(36)]
            for share in (12, 24):
                with activated(acme, listener):
                    while sum(map(lambda each: each.done(), results)) < share:  # noqa: C417
                        time.sleep(0.02)
            with activated(acme, listener):
                found = [each.result() for each in results]

    assert found == ["registered"] * 36
    listed = acme("list", "--json").data
    assert listed["attempts"] == []
    # The LMS's tool is stored: ltictl waited for the answer to the sent request.
    assert len(listed["integrations"]) == school.asked() == 36


def test_what_the_starter_hands_over_must_be_one_listening_socket(acme: Ltictl) -> None:
    for make, number in ((socket.socket, "1"), (socket.socket, "2")):
        with make() as useless, activated(acme, useless, number) as process:
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert json.loads(out)["error"]["code"] == "socket_unusable"


def test_two_hundred_registrations_at_twenty_at_once(acme: Ltictl, school: School) -> None:
    running = acme.start(*JSON)
    base, monitor = addresses(running)

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(school.register, [base] * 200))

    assert found == ["registered"] * 200
    assert "ltictl_attempts_unsettled 0" in get(f"{monitor}/metrics").text
    running.send_signal(signal.SIGTERM)
    done = running.wait(30)
    assert (done.code, school.asked()) == (0, 200)
    assert len(acme("list", "--json").data["integrations"]) == 200
    assert acme("log", "--check", "--json").code == 0
