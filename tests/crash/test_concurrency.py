"""Many processes on one profile, some of them killed: no update is lost, no reader sees half."""

import contextlib
import functools
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.operations.log.check_log import check_log
from ltictl.store.profile import Profile
from tests.support.cli import Home, Ltictl
from tests.support.scale import scaled

from . import writers
from .documents import open_to_others
from .figures import Noted
from .ledgers import PlayedLedger, SandboxLedger
from .writers import SHARED, numbers

PROGRAM = Path(writers.__file__)
REGISTER = ("register", "--org", "acme", "--yes", "--allow-private", "--json")


class Worker:
    """One of the processes; what it printed is what it claims to have stored."""

    def __init__(self, profile: Path, role: str, name: str, rounds: int) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(profile), role, name, str(rounds)],
            env={"PYTHONPATH": str(Path.cwd()), "PATH": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[bytes] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def kill(self) -> None:
        self._process.kill()

    @functools.cached_property
    def outcome(self) -> tuple[int, str]:
        """Exit code and stderr, once it has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        code = self._process.wait(300)
        self._thread.join()
        assert self._process.stderr is not None
        with self._process.stderr as stderr:
            return code, stderr.read().decode()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            self.lines += stdout


@pytest.fixture
def staff() -> Iterator[list[Worker]]:
    """The started processes; those that still run at the end of the test are ended."""
    started: list[Worker] = []
    yield started
    for worker in started:
        worker.kill()
        assert worker.outcome


@pytest.mark.timeout(600)
def test_many_writers_and_readers(
    tmp_path: Path, profile_with_integrations: Path, staff: list[Worker], noted: Noted
) -> None:
    profile = tmp_path / "profile"
    shutil.copytree(profile_with_integrations, profile)
    rounds, dice = scaled(50, 6), random.Random(2026)  # noqa: S311  which are killed, and when
    staff += [Worker(profile, "reader", f"r{each}", 0) for each in range(scaled(8, 2))]
    readers = list(staff)
    writers = [Worker(profile, "writer", f"w{each}", rounds) for each in range(scaled(64, 10))]
    staff += writers
    doomed = dice.sample(writers, len(writers) // 5)
    for worker in doomed:
        time.sleep(dice.uniform(0, scaled(10, 1) / len(doomed)))
        worker.kill()
    outcomes = {worker.name: worker.outcome for worker in writers}
    read = [worker.outcome for worker in readers]
    noted("updates by writers at once", 2 * sum(len(worker.lines) for worker in writers))
    noted("rounds read", sum(int(worker.lines[-1]) for worker in readers))

    assert read == [(0, "")] * len(readers)
    survivors = [worker for worker in writers if worker not in doomed]
    assert [outcomes[worker.name] for worker in survivors] == [(0, "")] * len(survivors)
    known = Profile(profile)
    shared = numbers(known, SHARED)
    for worker in survivors:
        assert shared[worker.name] == rounds
        assert numbers(known, f"acme-{worker.name}") == {worker.name: rounds}
    for worker in doomed:  # maybe stored once more, and killed before saying so
        assert shared.get(worker.name, 0) - len(worker.lines) in {0, 1}
    assert known.integrations.all().damaged == ()
    assert open_to_others(profile) == []
    log = check_log(Context(known))
    noted("entries of the log by writers at once", log.entries)
    assert (log.broken, log.unlogged) == ((), ())
    assert log.entries >= 2 * sum(len(worker.lines) for worker in writers)


@pytest.mark.parametrize("family", ["moodle", "canvas"])
@pytest.mark.timeout(300)
def test_registrations_of_one_organization_at_one_lms_at_once(
    ltictl: Ltictl, profile: Path, family: str, moodle: SandboxLedger, canvas: PlayedLedger
) -> None:
    ledger = moodle if family == "moodle" else canvas
    tickets = [ledger.start() for _ in range(scaled(24, 6))]
    started = []
    for ticket in tickets:
        address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")
        running = ltictl.start(*REGISTER, *address)
        running.send_line(ticket.token)
        running.close_stdin()
        started.append(running)

    outcomes = [running.wait(120) for running in started]

    assert [done.code for done in outcomes] == [0] * len(tickets), outcomes
    issued = [client_id for ticket in tickets for client_id in ledger.issued(ticket)]
    listed = ltictl("list", "--json").data
    assert sorted(each["client_id"] for each in listed["integrations"]) == sorted(issued)
    assert len(issued) == len(tickets)
    assert listed["attempts"] == []
    assert open_to_others(profile) == []


@pytest.mark.timeout(300)
def test_different_commands_at_once(
    ltictl: Ltictl, home: Home, profile_with_integrations: Path, moodle: SandboxLedger
) -> None:
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(profile_with_integrations, folder)
    tickets = [moodle.start() for _ in range(3)]
    started = [ltictl.start("rotate-keys", "--json") for _ in range(3)]
    for ticket in tickets:
        running = ltictl.start(
            *REGISTER,
            *("--openid-configuration", ticket.configuration, "--registration-token-file", "-"),
        )
        running.send_line(ticket.token)
        running.close_stdin()
        started.append(running)
    started += [ltictl.start("activate", f"acme-moodle-{n}", "--json") for n in (1, 2, 3)]
    started += [ltictl.start("org", "add", f"org-{number}", "--json") for number in range(3)]

    outcomes = [running.wait(120) for running in started]

    assert [done.code for done in outcomes] == [0] * len(started), outcomes
    listed = ltictl("list", "--json").data
    status = {each["id"]: each["status"] for each in listed["integrations"]}
    assert [status[f"acme-moodle-{number}"] for number in (1, 2, 3)] == ["active"] * 3
    assert len(status) == 6
    states = [each["state"] for each in ltictl("keys", "list", "--json").data["keys"]]
    assert states.count("current") == 1


def test_a_locked_profile_names_its_holder_and_ends_at_the_timeout(
    ltictl: Ltictl, profile: Path
) -> None:
    import fcntl
    import json

    ltictl("org", "add", "first")
    with (profile / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = {"pid": 4242, "since": time.time() - 5, "command": "ltictl"}
        (profile / ".lock.holder").write_text(json.dumps(note))
        done = ltictl("org", "add", "second", "--lock-timeout", "1s", "--json", timeout=20)

    assert (done.code, done.error["code"]) == (6, "profile_locked")
    assert "process 4242 (ltictl)" in done.error["message"]
    assert "--lock-timeout" in done.error["fix"]
    assert ltictl("org", "add", "second").code == 0


@pytest.mark.parametrize("family", ["moodle", "canvas"])
@pytest.mark.timeout(300)
def test_one_token_in_many_hands_at_once(
    ltictl: Ltictl, profile: Path, family: str, moodle: SandboxLedger, canvas: PlayedLedger
) -> None:
    """Moodle refuses a used token by itself; at Canvas no other organization may use it either."""
    ledger = moodle if family == "moodle" else canvas
    others = "acme" if family == "moodle" else "beta"
    assert ltictl("org", "add", "beta").code == 0
    ticket = ledger.start()
    address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")
    started = []
    for number in range(scaled(16, 6)):
        organization = "acme" if number % 2 else others
        running = ltictl.start("register", "--org", organization, *REGISTER[3:], *address)
        running.send_line(ticket.token)
        running.close_stdin()
        started.append(running)

    outcomes = [running.wait(120) for running in started]

    codes = [done.code for done in outcomes]
    assert ledger.posts(ticket) <= 1
    assert codes.count(0) == ledger.posts(ticket), outcomes
    listed = ltictl("list", "--json").data
    assert [each["client_id"] for each in listed["integrations"]] == ledger.issued(ticket)
    assert listed["attempts"] == []
    again = ltictl("register", "--org", "acme", *REGISTER[3:], *address, input=ticket.token)
    assert again.code == (3 if codes.count(0) else 0), again
    assert ledger.posts(ticket) == 1
    assert open_to_others(profile) == []
