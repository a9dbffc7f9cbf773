"""A forked ltictl cannot be told from one that was started afresh."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.cli import Home, Ltictl, argv
from tests.support.fork_server import can_fork, fork_server
from tests.support.processes import Finished, run_argv

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="Linux alone forks")


def afresh(home: Home, *args: str, input: str = "") -> Finished:  # noqa: A002  as in subprocess
    return run_argv(argv(*args), env=home.environment(), cwd=home.path, input=input)


@pytest.mark.parametrize(
    "args",
    [("--version",), ("list", "--json"), ("list", "--bogus"), ("--help",), ("doctor", "--offline")],
    ids=" ".join,
)
def test_it_says_the_same_and_ends_alike(acme: Ltictl, home: Home, args: tuple[str, ...]) -> None:
    assert can_fork(argv(*args), home.environment())

    assert acme.run(*args) == afresh(home, *args)


def test_a_run_knows_nothing_of_the_one_before(acme: Ltictl) -> None:
    acme.run("list", "--org", "nobody", "--json")

    assert acme.run("list", "--json").data["integrations"] == []
    assert acme.run("org", "add", "beta").code == 0
    assert acme.run("org", "list", "--json").code == 0


def test_it_has_the_environment_and_the_folder_that_it_was_given(
    ltictl: Ltictl, profile_template: Path
) -> None:
    shown = ltictl("list", "--json", env={"LTICTL_PROFILE": str(profile_template)})

    assert shown.code == 0, shown
    assert ltictl("list", "--json").error["code"] == "no_profile"


def test_it_reads_what_it_is_given(acme: Ltictl, home: Home) -> None:
    given = ("register", "--org", "acme", "--openid-configuration", "https://x.invalid", "--json")
    secret = ("--registration-token-file", "-", "--yes")

    forked, fresh = acme.run(*given, *secret, input=""), afresh(home, *given, *secret)

    assert forked == fresh
    assert forked.code != 0


def test_several_run_at_once_and_each_ends_by_its_own_signal(acme: Ltictl) -> None:
    started = [acme.start("register", "--org", "acme", "--port", "0", "--json") for _ in range(3)]
    for running in started:
        running.next_event("listening", timeout=60)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

    for running, number in zip(started, numbers, strict=True):
        running.send_signal(number)

    assert [running.wait(60).code for running in started] == [130, 143, -signal.SIGKILL]


def test_a_signal_after_the_end_hits_nobody(acme: Ltictl) -> None:
    running = acme.start("list")
    running.wait(60)

    running.send_signal(signal.SIGKILL)

    assert running.code == 0


def channels(pid: int) -> set[str]:
    """The pipes and sockets that a process has, by their numbers in the system."""
    links = (str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir())
    return {link for link in links if link.startswith(("pipe:", "socket:"))}


def test_it_shares_no_channel_with_the_program_or_another_run(acme: Ltictl) -> None:
    runs = [acme.start("register", "--org", "acme", "--port", "0", "--json") for _ in range(2)]
    for running in runs:
        running.next_event("listening", timeout=60)
    program, one, other = (channels(pid) for pid in (fork_server().pid, *(r.pid for r in runs)))

    assert len(one) >= 4
    assert program & (one | other) == one & other == set()
    assert [os.getsid(running.pid) for running in runs] == [running.pid for running in runs]


@pytest.mark.parametrize(
    "extra",
    [
        *({"PYTHONPATH": "/nowhere"}, {"FORCE_COLOR": "1"}, {"LANG": "de_DE.UTF-8"}, {"TZ": "UTC"}),
        *({"LANG": None}, {"LD_PRELOAD": ""}, {"LTICTL_LONG": "x" * 200_000}),
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_what_only_a_fresh_one_takes_from_its_environment_is_started_afresh(
    home: Home, extra: dict[str, str | None]
) -> None:
    assert not can_fork(argv("list"), home.environment(extra))
