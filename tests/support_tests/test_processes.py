"""Processes are run, read line by line, shown on a terminal, and always ended."""

import signal
import sys
from pathlib import Path

import pytest

from tests.support.cli import Home, Ltictl, argv
from tests.support.processes import Finished, Running, run_argv
from tests.support.terminal import CONTROL_C, ENTER, Terminal


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_finished_process(home: Home) -> None:
    script = "import sys; print('{\"data\": %r}' % len(sys.stdin.read())); sys.exit(3)"

    done = run_argv(python(script), env=home.environment(), cwd=home.path, input="four")

    assert done == Finished(3, '{"data": 4}\n', "")
    assert done.data == 4


@pytest.mark.parametrize("stdout", ["", "{} {}", "[]", "note\n{}"])
def test_anything_but_one_object_on_stdout_is_no_envelope(stdout: str) -> None:
    with pytest.raises(AssertionError, match="stdout is no"):
        assert Finished(0, stdout, "").json


def test_events_are_found_between_other_lines() -> None:
    done = Finished(0, "", 'hello\n{"event": "listening"}\n"text"\n{"event": "opened"}\n')

    assert [event["event"] for event in done.events] == ["listening", "opened"]


def test_a_run_that_takes_too_long_fails_and_is_ended(home: Home) -> None:
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"

    with pytest.raises(AssertionError, match=r"did not end in 2 s") as failure:
        run_argv(python(script), env=home.environment(), cwd=home.path, timeout=2)

    pid = int(str(failure.value).partition("--- stdout\n")[2].split()[0])
    assert not is_there(pid)


def test_the_environment_is_clean(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "NO_COLOR", "LTICTL_PROFILE", "BROWSER", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "from the machine")

    env = home.environment({"EXTRA": "1", "LANG": None})

    assert "from the machine" not in env.values()
    assert env["EXTRA"] == "1"
    assert "LANG" not in env
    assert env["HOME"] == str(home.path)
    assert Path(env["LTICTL_HOME"]).is_relative_to(home.path)


def test_ltictl_is_run_as_a_module_with_the_profile_first() -> None:
    assert argv("list", "--json", profile="acme")[1:] == [
        *("-m", "ltictl", "--profile", "acme"),
        *("list", "--json"),
    ]


def test_the_runner_ends_what_it_started(home: Home) -> None:
    with Ltictl(home) as runner:
        started: list[Running | Terminal] = [runner.start("list"), runner.terminal("list")]

    assert not any(is_there(each.pid) for each in started)


def test_a_running_process_is_read_as_it_goes(home: Home) -> None:
    script = (
        "import json, sys\n"
        "print('starting', file=sys.stderr)\n"
        "print(json.dumps({'event': 'listening'}), file=sys.stderr, flush=True)\n"
        "name = input()\n"
        "print(json.dumps({'event': 'opened', 'by': name}), file=sys.stderr, flush=True)\n"
        "print('{}')\n"
    )
    with Running(python(script), env=home.environment(), cwd=home.path) as running:
        assert running.next_event() == {"event": "listening"}
        assert running.code is None
        running.send_line("Ada")
        assert running.next_event("opened")["by"] == "Ada"
        done = running.wait()

    assert done.json == {}
    assert len(done.events) == 2
    assert done.stderr.startswith("starting\n")


def test_waiting_for_a_line_has_a_deadline_and_notices_the_end(home: Home) -> None:
    slow = "import time; print('one', flush=True); time.sleep(60)"
    with Running(python(slow), env=home.environment(), cwd=home.path) as running:
        assert running.wait_for_line("on", "stdout") == "one"
        with pytest.raises(AssertionError, match=r"no 'two' on stdout in 0\.1 s"):
            running.wait_for_line("two", "stdout", timeout=0.1)
    with (
        Running(python("pass"), env=home.environment(), cwd=home.path) as running,
        pytest.raises(AssertionError, match="stderr has ended"),
    ):
        running.next_event("listening")


def test_signals_reach_it(home: Home) -> None:
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    with Running(python(script), env=home.environment(), cwd=home.path) as running:
        running.wait_for_line("ready", "stdout")
        running.send_signal(signal.SIGTERM)
        assert running.wait().code == 143


def test_a_process_that_will_not_end_is_made_to(home: Home) -> None:
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    running = Running(python(script), env=home.environment(), cwd=home.path)
    running.wait_for_line("ready", "stdout")
    running.close(grace=0.2)

    assert running.code == -signal.SIGKILL
    assert not is_there(running.pid)


def test_a_question_on_a_terminal(home: Home) -> None:
    script = (
        "import getpass, os, sys\n"
        "assert sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()\n"
        "print(os.get_terminal_size().columns, '\\033[1mbold\\033[0m')\n"
        "print('secret of', len(getpass.getpass('Address: ')))\n"
    )
    with Terminal(python(script), env=home.environment(), cwd=home.path, columns=40) as terminal:
        terminal.wait_for("Address:")
        terminal.send("https://lms.example" + ENTER)
        screen = terminal.wait_for("secret of 19")
        code = terminal.wait()

    assert code == 0
    assert screen.splitlines()[0] == "40 bold"
    assert "lms.example" not in screen
    assert b"\x1b[1mbold" in terminal.received


def test_a_text_is_found_across_the_edge_of_the_screen(home: Home) -> None:
    script = "print('https://tool.example/register?t=' + 'x' * 60)"
    with Terminal(python(script), env=home.environment(), cwd=home.path, columns=30) as terminal:
        terminal.wait_for("https://tool.example/register?t=" + "x" * 60)
        with pytest.raises(AssertionError, match="no 'missing' on the screen"):
            terminal.wait_for("missing", timeout=1)


def test_control_c_interrupts(home: Home) -> None:
    script = (
        "import sys, time\n"
        "print('ready')\n"
        "try:\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    with Terminal(python(script), env=home.environment(), cwd=home.path) as terminal:
        terminal.wait_for("ready")
        terminal.send(CONTROL_C)
        assert terminal.wait() == 130


def test_nothing_is_left_open(home: Home) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for kind in (Running, Terminal):
        with kind(python("print(1)"), env=home.environment(), cwd=home.path) as started:
            started.wait()

    assert len(list(Path("/proc/self/fd").iterdir())) <= before
