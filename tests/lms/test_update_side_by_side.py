"""``update --all`` works on several registrations at a time, at most four at one LMS."""

import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ltictl.model.integration import Integration, Status, Updatable
from ltictl.model.platform import Platform
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Home, Ltictl
from tests.support.playback import TOOL, PlaybackPlatform

TOKEN = "registration_access_token"
COUNT = 9
UPDATE = ("update", "--all", "--yes", "--allow-private", "--json")


@dataclass
class Desk:
    """An LMS with registrations that can be changed; it counts who waits there at a time.

    Args:
        platform: where.
        together: how many have to wait before any is answered.
    """

    platform: PlaybackPlatform
    together: int = 4
    waiting: int = 0
    most: int = 0
    changed: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: ReceivedRequest) -> Answer:
        """Answer a reading request when enough have come, and a change when it is released."""
        with self._lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            if self.waiting >= self.together:
                self.released.set()
        if request.method == "PUT":
            self.arrived.release()
        self.released.wait(20)
        with self._lock:
            self.waiting -= 1
        client = request.path.rpartition("/")[2]
        if request.method == "PUT":
            self.changed.append(client)
            return Answer.json(request.json())
        return Answer.json({"client_id": client, "client_name": "Old", TOOL: {}})


@pytest.fixture
def desk(home: Home, playback: PlaybackPlatform) -> Iterator[Desk]:
    """A profile with nine registrations at one LMS."""
    context = Context(Profile(home.ltictl_home / "profiles" / "default"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")
    found = Desk(playback)
    for number in range(1, COUNT + 1):
        identifier, uri = f"acme-canvas-{number}", playback.url(f"/client/{number}")
        playback.on(f"/client/{number}", found.answer)
        at, now = playback.base_url, context.now()
        platform = Platform(at, f"{at}/auth", f"{at}/token", f"{at}/jwks", family="canvas")
        integration = Integration(
            identifier,
            "acme",
            Status.PENDING,
            platform,
            str(number),
            now,
            now,
            client_uri=uri,
            updatable=Updatable.CONFIGURATION_ENDPOINT,
        )
        context.profile.integrations.add(integration)
        context.profile.secrets.keep(identifier, {TOKEN: "secret-of-the-registration"})
    yield found
    found.released.set()


def test_four_at_a_time_and_each_once(ltictl: Ltictl, desk: Desk) -> None:
    done = ltictl(*UPDATE)

    assert done.code == 0, done
    assert [each["outcome"] for each in done.data["results"]] == ["changed"] * COUNT
    assert [each["id"] for each in done.data["results"]] == [
        f"acme-canvas-{number}" for number in range(1, COUNT + 1)
    ]
    assert sorted(desk.changed) == [str(number) for number in range(1, COUNT + 1)]
    assert desk.most == 4


def test_the_hooks_of_updates_run_one_after_the_other(
    ltictl: Ltictl, desk: Desk, home: Home, tmp_path: Path
) -> None:
    """A deployment that runs twice at a time would harm; 'mkdir' fails for the second one."""
    lock, log = tmp_path / "lock", tmp_path / "log"
    script = (
        f"mkdir {lock} && echo $LTICTL_INTEGRATIONS >> {log} && sleep 0.05 && rmdir {lock} "
        f"|| echo overlap >> {log}"
    )
    settings = home.ltictl_home / "profiles" / "default" / "profile.toml"
    command = json.dumps(["sh", "-c", script])
    text = settings.read_text().replace("[hooks]\n", f"[hooks]\nafter_change = {command}\n")
    settings.write_text(text)

    done = ltictl(*UPDATE)

    assert (done.code, len(desk.changed)) == (0, COUNT), done
    assert sorted(log.read_text().split()) == sorted(
        f"acme-canvas-{number}" for number in range(1, COUNT + 1)
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_what_has_left_and_starts_nothing_more(
    ltictl: Ltictl, desk: Desk, home: Home, number: signal.Signals
) -> None:
    desk.together = 99
    reading = desk.answer

    def answer(request: ReceivedRequest) -> Answer:
        """Let reading pass; only changes wait."""
        if request.method == "GET":
            client = request.path.rpartition("/")[2]
            return Answer.json({"client_id": client, "client_name": "Old", TOOL: {}})
        return reading(request)

    for one in range(1, COUNT + 1):
        desk.platform.on(f"/client/{one}", answer)
    running = ltictl.start(*UPDATE)
    for _ in range(4):
        assert desk.arrived.acquire(timeout=15)

    running.send_signal(number)
    running.wait_for_line("finishing")
    desk.released.set()
    done = running.wait()

    assert done.code == 128 + number, done
    assert "4 of 9" in done.error["message"]
    assert len(desk.changed) == 4
    profile = Profile(home.ltictl_home / "profiles" / "default")
    assert profile.attempts.ids() == []
    assert sum("Example Tool" in each.answer for each in profile.integrations.all()) == 4
