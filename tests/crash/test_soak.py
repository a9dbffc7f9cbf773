"""One ``register --forever`` over a very long day leaks no file and no memory."""

import os
import signal
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.operations.invite import invite
from ltictl.store.profile import Profile
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.scale import scaled
from tests.support.visit import Admin, outcome

from .figures import Noted
from .templates import make_template, plain

WARM_UP = 20
MIB = 1024 * 1024


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.timeout(900)
def test_a_thousand_registrations_in_one_run(
    home: Home, ltictl: Ltictl, playback: PlaybackPlatform, noted: Noted, tmp_path: Path
) -> None:
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    make_template(tmp_path, plain).rename(folder)
    context = Context(Profile(folder))
    playback.on("registration", accepting())
    total = scaled(1000, 30)
    running = ltictl.start("register", "--forever", "--allow-private", "--port", "0", "--json")
    base = str(running.next_event("listening")["address"])
    figures = []
    for number in range(total):
        issued = invite(context, organization=f"school-{number}", create=True)
        admin = Admin(playback.url("configuration"))
        assert outcome(admin.press(admin.open(issued.url(base)))) == "registered"
        if number >= WARM_UP - 1:
            figures.append((open_files(running.pid), threads(running.pid), memory(running.pid)))
    running.send_signal(signal.SIGTERM)
    done = running.wait(30)

    assert done.code == 0, done.stderr[-2000:]
    listed = ltictl("list", "--json").data
    assert len(listed["integrations"]) == total
    assert listed["attempts"] == []
    first, last = figures[0], figures[-1]
    noted("registrations in one run", total)
    noted("open files, threads, bytes", f"{first} after {WARM_UP}, {last} after {total}")
    assert max(each[0] for each in figures) <= first[0] + 8
    assert max(each[1] for each in figures) <= first[1] + 8
    assert last[2] <= first[2] + scaled(24, 12) * MIB
    late = figures[len(figures) * 6 // 10]  # the memory of visits is full by then
    noted("MiB more over the last part", f"{(last[2] - late[2]) / MIB:.1f}")
    assert last[2] <= late[2] + 6 * MIB
