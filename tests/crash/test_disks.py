"""Disks that are too small, become full, or turn read-only during a run."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cli import Home
from tests.support.processes import Finished
from tests.support.scale import FULL, chosen

from .documents import Change, files_of, leftovers, open_to_others
from .figures import Noted
from .ledgers import Ledger, PlayedLedger, SandboxLedger, Ticket
from .small_disks import SmallDisk, require_namespaces
from .sweep import ATTEMPT_THREAD, Run, Scenario, after, changes
from .tracing import Fault, from_on, require_strace
from .warm import Crew

REGISTER = ("register", "--org", "acme", "--yes", "--allow-private", "--json")
KIB = [f"size={size}k" for size in range(4, 260, 4)]
BEYOND = [f"size={size}k" for size in range(260, 400, 4)]  # where the reserved room just fits
INODES = [f"size=8m,nr_inodes={number}" for number in range(2, 40)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    require_namespaces()
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


@dataclass(frozen=True)
class Registered:
    """The outcome of a registration on a small disk, and a copy of the profile."""

    done: Finished
    listed: Finished
    profile: Path


def registered(disk: SmallDisk, template: Path, ticket: Ticket, copy: Path) -> Registered | None:
    """Register there; ``None`` where not even the profile fits."""
    if disk.run("cp", "-a", f"{template}/.", disk.place, fails=True).code:
        return None
    address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")
    done = disk.ltictl(*REGISTER, *address, input=ticket.token)
    return Registered(done, disk.ltictl("list", "--json"), disk.copy_out(copy))


def judged(found: Registered, ledger: Ledger, ticket: Ticket, template: Path) -> list[str]:
    issued = ledger.issued(ticket)
    listed = found.listed.data
    known = [each["client_id"] for each in listed["integrations"]]
    wrong = open_to_others(found.profile) + leftovers(found.profile)
    said = found.done.stdout + found.done.stderr
    wrong += [word for word in ("Traceback", "failed unexpectedly") if word in said]
    wrong += [] if ledger.posts(ticket) <= 1 else ["sent more than once"]
    wrong += [] if not issued or issued == known or listed["attempts"] else [f"lost: {found}"]
    wrong += [] if found.done.code or issued == known else [f"success was claimed: {found.done}"]
    now = files_of(found.profile)
    return wrong + [p for p, data in files_of(template).items() if now.get(p) != data]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("limits", [KIB, BEYOND, INODES], ids=["KiB", "beyond", "inodes"])
def test_registering_on_a_small_disk(
    home: Home,
    place: Path,
    limits: list[str],
    plain_profile: Path,
    canvas: PlayedLedger,
    noted: Noted,
) -> None:
    wrong, codes = [], []
    for number, options in enumerate(chosen(limits, 3)):
        ticket = canvas.start()
        with SmallDisk(home, place, options) as disk:
            found = registered(disk, plain_profile, ticket, home.path / f"copy{number}")
        if found is not None:
            codes.append(found.done.code)
            problems = judged(found, canvas, ticket, plain_profile)
            wrong += [f"{options}: {each}" for each in problems]
    noted("exit codes", {code: codes.count(code) for code in sorted(set(codes))})
    noted("small disks", len(codes))

    assert wrong == []
    assert set(codes) <= {0, 1, 7}
    assert not FULL or limits is KIB or 0 in codes, "none was large enough to tell anything"


def test_a_full_disk_leaves_every_document_as_it_was(
    home: Home, place: Path, profile_with_integrations: Path
) -> None:
    before = files_of(profile_with_integrations)
    with SmallDisk(home, place, "size=160k") as disk:
        disk.run("cp", "-a", f"{profile_with_integrations}/.", disk.place)
        disk.run("sh", "-c", f"cat /dev/zero > {disk.place}/filling || true")
        outcomes = [
            disk.ltictl(*command, "--json")
            for command in (
                ("activate", "acme-moodle-1"),
                ("rotate-keys",),
                ("org", "add", "beta"),
                ("registration-url", "--org", "acme"),
            )
        ]
        full = files_of(disk.copy_out(home.path / "full"))
        disk.run("rm", f"{disk.place}/filling")
        again = disk.ltictl("activate", "acme-moodle-1", "--json")

    assert [(done.code, done.error["code"]) for done in outcomes] == [(1, "cannot_write")] * 4
    assert full == before
    assert (again.code, again.data["changed"]) == (0, ["acme-moodle-1"])


def test_a_read_only_disk_can_be_looked_at_and_nothing_more(
    home: Home, place: Path, profile_with_kept_answer: Path
) -> None:
    with SmallDisk(home, place, "size=4m") as disk:
        disk.run("cp", "-a", f"{profile_with_kept_answer}/.", disk.place)
        disk.run("mount", "-o", "remount,ro", disk.place)
        listed = disk.ltictl("list", "--json")
        looked = disk.ltictl("recover", "--json")
        doctor = disk.ltictl("doctor", "--offline", "--json")
        adopted = disk.ltictl("recover", "acme-moodle", "--adopt", "--json")
        forgotten = disk.ltictl("recover", "acme-moodle", "--forget", "--yes", "--json")
        disk.run("mount", "-o", "remount,rw", disk.place)
        repaired = disk.ltictl("recover", "acme-moodle", "--adopt", "--json")

    assert [listed.code, looked.code, doctor.code] == [0, 7, 8]
    assert [each["stage"] for each in looked.data["attempts"]] == ["answered"]
    assert (adopted.code, adopted.error["code"]) == (1, "cannot_write"), adopted
    assert (forgotten.code, forgotten.error["code"]) == (1, "cannot_write"), forgotten
    assert repaired.code == 0
    assert repaired.data["integrations"][0]["client_id"] == "client-adopted"


def test_read_only_while_the_platform_is_looked_at(
    home: Home, place: Path, plain_profile: Path, moodle: SandboxLedger
) -> None:
    ticket = moodle.start()
    with SmallDisk(home, place, "size=4m") as disk:
        disk.run("cp", "-a", f"{plain_profile}/.", disk.place)
        disk.run("mount", "-o", "remount,ro", disk.place)
        address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")
        done = disk.ltictl(*REGISTER, *address, input=ticket.token)

    assert (done.code, done.error["code"]) == (1, "cannot_write")
    assert moodle.posts(ticket) == 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", [Fault.READ_ONLY, Fault.FULL], ids=lambda fault: fault.name)
def test_a_disk_that_fails_for_good_at_some_stage(
    fault: Fault,
    plain_profile: Path,
    canvas: PlayedLedger,
    crew: Crew,
    tmp_path: Path,
    noted: Noted,
) -> None:
    require_strace()
    scenario = Scenario("register", plain_profile, REGISTER, canvas, gate=ATTEMPT_THREAD)
    wrong: list[str] = []
    outcomes: list[int | str] = []
    with crew.one() as warm:
        first = Run.prepare(scenario, warm, tmp_path / "undisturbed")
        before = files_of(first.profile)
        seen = first.trace()
        change = Change.between(before, files_of(first.profile), seen.documents(first.profile))
        stages = [each for each in seen.calls if changes(each, first.home.path)]
        for number, call in enumerate(chosen(stages, 5)):
            run = Run.prepare(scenario, warm, tmp_path / f"{number}")
            broken = run.trace(from_on(call, seen.calls, fault))
            found = last_resort(run, broken.finished)
            found += after(run, change, broken.finished, Fault.KILLED)
            wrong += [f"from {call} on: {each}" for each in found]
            outcomes.append(broken.finished.code if "(INJECTED)" in broken.log else "no fault")
            shutil.rmtree(run.folder)
    noted("exit codes", {code: outcomes.count(code) for code in dict.fromkeys(outcomes)})
    noted("disks that fail for good", len(outcomes))

    assert wrong == []
    assert {1, 7} <= set(outcomes)


def last_resort(run: Run, done: Finished) -> list[str]:
    """An answer that could be written nowhere stands on the terminal."""
    assert run.ticket
    assert run.scenario.ledger
    if done.code != 7 or done.error["code"] != "answer_not_written":
        return []
    [client_id] = run.scenario.ledger.issued(run.ticket)
    saved = [*run.home.path.rglob("*.answer")]
    shown = client_id in done.stdout and client_id in done.stderr
    return [] if saved or shown else [f"{client_id} is neither saved nor shown: {done}"]
