"""Stands for a power cut: ltictl syncs everything before it relies on it, in the right order."""

import shutil
from pathlib import Path

import pytest

from ltictl.store.profile import Profile
from tests.support.cli import Home
from tests.support.playback import PlaybackPlatform

from .ledgers import Ledger, PlayedLedger, SandboxLedger
from .ordering import Disk, Event, traced
from .scenarios import UPDATE
from .templates import ADOPTED, make_template
from .tracing import require_strace
from .updates import ID, MEMBER, ChangingPlatform, with_registration

REGISTER = ("register", "--org", "acme", "--yes", "--allow-private", "--json")


@pytest.fixture(autouse=True)
def _strace() -> None:
    require_strace()


@pytest.fixture
def profile(home: Home) -> Path:
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    return folder


def judge(home: Home, events: list[Event]) -> Disk:
    """The disk at the end of the run; nothing may be left to the system's mercy."""
    disk = Disk(home)
    for event in events:
        disk.see(event)
    disk.expect_nothing_open("the end")
    return disk


@pytest.mark.parametrize(
    "arguments",
    [
        ("org", "add", "beta", "--json"),
        ("registration-url", "--org", "acme", "--json"),
        ("activate", "acme-moodle-1", "acme-moodle-2", "--json"),
        ("deactivate", "acme-moodle-1", "--yes", "--json"),
        ("rotate-keys", "--json"),
        ("remove", "acme-moodle-2", "--yes", "--json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_a_command_reports_is_durable(
    home: Home, profile: Path, profile_with_integrations: Path, arguments: tuple[str, ...]
) -> None:
    shutil.copytree(profile_with_integrations, profile)

    done, events = traced(home, home.path / "trace", *arguments)

    disk = judge(home, events)
    assert done.code == 0, done
    assert any(event.is_word for event in events)
    assert disk.violations == []
    assert disk.renamed >= 1


def test_a_new_profile_is_durable(home: Home) -> None:
    arguments = ("init", "--name", "Tool", "--url", "https://tool.invalid", "--json")

    done, events = traced(home, home.path / "trace", *arguments)

    disk = judge(home, events)
    assert done.code == 0, done
    assert disk.violations == []
    assert disk.renamed >= 4


def test_an_adopted_answer_is_durable_before_its_attempt_goes(
    home: Home, profile: Path, profile_with_kept_answer: Path
) -> None:
    shutil.copytree(profile_with_kept_answer, profile)

    done, events = traced(home, home.path / "trace", "recover", "acme-moodle", "--adopt", "--json")

    disk = judge(home, events)
    assert done.code == 0, done
    assert done.data["integrations"][0]["client_id"] == ADOPTED
    assert disk.violations == []
    stored = place(events, "rename", "/integrations/acme-moodle.toml")
    assert synced(events, profile / "integrations", stored) < place(events, "unlink", ".attempt")


@pytest.fixture(params=["moodle", "canvas"])
def ledger(request: pytest.FixtureRequest, moodle: SandboxLedger, canvas: PlayedLedger) -> Ledger:
    return moodle if request.param == "moodle" else canvas


def test_a_registration_in_its_order(
    home: Home, profile: Path, plain_profile: Path, ledger: Ledger
) -> None:
    shutil.copytree(plain_profile, profile)
    ticket = ledger.start()
    address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")

    done, events = traced(home, home.path / "trace", *REGISTER, *address, input=ticket.token)

    assert done.code == 0, done
    disk = judge(home, events)
    assert disk.violations == []
    in_order = milestones(events, profile, "/integrations/")
    assert list(in_order.values()) == sorted(in_order.values()), in_order
    assert sum(event.is_request for event in events) == 1


def test_an_update_in_its_order(home: Home, profile: Path, playback: PlaybackPlatform) -> None:
    lms = ChangingPlatform(playback)
    make_template(home.path / "made", with_registration(lms.url)).rename(profile)
    registered = lms.start()
    Profile(profile).secrets.keep(ID, {MEMBER: registered.token})

    done, events = traced(home, home.path / "trace", *UPDATE)

    assert (done.code, registered.changes) == (0, 1), done
    disk = judge(home, events)
    assert disk.violations == []
    in_order = milestones(events, profile, "/secrets/")
    assert list(in_order.values()) == sorted(in_order.values()), in_order
    assert sum(event.is_request for event in events) == 1
    assert place(events, "sendto", '"GET /client ') > in_order["its folder synced"]


def milestones(events: list[Event], profile: Path, first: str) -> dict[str, float]:
    """The places in the trace of what must follow on one another, in the order that is wanted.

    What has to be finished counts from its end, what must not have begun from its beginning; half
    a line is added to the finished part, so that one and the same line would be out of order.
    ``first`` is the folder of the first document that follows from the answer.
    """
    attempts, integrations = profile / "attempts", profile / "integrations"
    intended = place(events, "rename", ".attempt")
    sent = place(events, "write", '"SENT ')
    answered = place(events, "write", '"ANSWER ')
    stored = place(events, "rename", "/integrations/")
    settled = place(events, "unlink", ".attempt")
    attempt = next(event for event in events if event.begun == sent).paths[0]
    request = next(event for event in events if event.is_request)
    answer = next(
        event
        for event in events
        if event.name == "recvfrom"
        and event.begun > request.done
        and "HTTP/1.1 200" in event.arguments
    )
    return {
        "intent written": place(events, "write", '"INTENT '),
        "intent in place": intended,
        "its folder synced": synced(events, attempts, intended),
        "sent is written": sent,
        "sent is synced": synced(events, attempt, sent),
        "the first byte leaves": request.begun,
        "the answer is read": answer.begun,
        "the answer is written": answered,
        "the answer is synced": synced(events, attempt, answered),
        "what follows from it is begun": place(events, "openat", f"{first}.acme"),
        "the integration is in place": stored,
        "and synced": synced(events, integrations, stored),
        "the attempt is removed": settled,
        "and that is synced": synced(events, attempts, settled),
        "success is shown": next(event.begun for event in events if event.is_word),
    }


def place(events: list[Event], name: str, part: str) -> int:
    """The line at which the first call of this name with ``part`` begins."""
    return next(e.begun for e in events if e.name == name and part in e.arguments)


def synced(events: list[Event], path: Path, after: float) -> float:
    """The line at which ``path`` is synced next."""
    found = (e.done for e in events if e.name == "fsync" and e.begun > after and path in e.paths)
    return next(found) + 0.5
