"""``verify --json`` writes each result as it comes, and in the end one valid object."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ltictl.model.record import replace
from ltictl.operations.context import Context
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl, argv
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Process, start_afresh
from tests.support.schemas import assert_schema, data_schema

from .conftest import ASKED, Recorded, token

PATIENCE = 30.0  # seconds, far more than an answer takes
NAMES = ["acme-1", "acme-2", "acme-3"]


class Gate:
    """A token endpoint that answers once it is open."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.reply = token(*ASKED)

    def answer(self, _: ReceivedRequest) -> Answer:
        self._open.wait(PATIENCE)
        return self.reply

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(recorded: Recorded, playback: PlaybackPlatform, context: Context) -> Iterator[Gate]:
    """The token endpoint of the last of three integrations."""
    gate = Gate()
    playback.on("/gate", gate.answer)
    for name in NAMES:
        made = recorded(name)
    behind = replace(made.platform, token_endpoint=playback.url("/gate"))
    context.profile.integrations.change(made.id, lambda each: replace(each, platform=behind))
    yield gate
    gate.open()


class Verifying:
    """``verify --all --json``, its output read as it comes."""

    def __init__(self, ltictl: Ltictl, *more: str) -> None:
        self.process: Process = start_afresh(
            argv("verify", "--all", "--allow-private", "--json", *more),
            env=ltictl.home.environment(),
            cwd=ltictl.home.path,
            session=True,
        )
        self._read = b""

    def read_to(self, part: str) -> None:
        """Read until the output holds ``part``."""
        while part.encode() not in self._read:
            self._read += self._next()

    def end(self) -> dict[str, Any]:
        """Read the rest of the object."""
        while piece := self._next():
            self._read += piece
        found: dict[str, Any] = json.loads(self._read)
        assert_schema(found, "envelope.json")
        assert_schema(found["data"], data_schema("verify"))
        return found

    def _next(self) -> bytes:
        assert self.process.stdout is not None
        return os.read(self.process.stdout.fileno(), 65_536)

    def errors(self) -> bytes:
        assert self.process.stderr is not None
        return self.process.stderr.read()


@pytest.fixture
def verifying(ltictl: Ltictl, gate: Gate) -> Iterator[Verifying]:
    assert not gate.is_open
    run = Verifying(ltictl)
    yield run
    if run.process.poll() is None:
        run.process.kill()
    run.process.wait()
    for pipe in (run.process.stdin, run.process.stdout, run.process.stderr):
        if pipe is not None:
            pipe.close()


def ids(envelope: dict[str, Any]) -> list[str]:
    return [each["id"] for each in envelope["data"]["integrations"]]


def test_a_reader_sees_the_first_results_before_the_last_lms_answers(
    verifying: Verifying, gate: Gate
) -> None:
    verifying.read_to('"id":"acme-2"')
    gate.open()

    found = verifying.end()

    assert (found["ok"], found["error"], ids(found)) == (True, None, NAMES)
    assert verifying.process.wait(PATIENCE) == 0


def test_a_problem_of_the_last_one_decides_on_the_whole(verifying: Verifying, gate: Gate) -> None:
    verifying.read_to('"id":"acme-2"')
    gate.reply = Answer.json({"error": "invalid_client"}, 400)
    gate.open()

    found = verifying.end()

    assert (found["ok"], ids(found)) == (False, NAMES)
    assert found["error"]["code"] == "problems_found"
    assert "acme-3" in found["error"]["fix"]
    assert verifying.process.wait(PATIENCE) == 8


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143)],
    ids=["SIGINT", "SIGTERM"],
)
def test_a_signal_in_the_middle_ends_the_object(
    verifying: Verifying, context: Context, number: signal.Signals, code: int
) -> None:
    verifying.read_to('"id":"acme-2"')

    verifying.process.send_signal(number)
    found = verifying.end()

    assert (found["ok"], ids(found)) == (False, NAMES[:2])
    assert found["error"]["code"] == "interrupted"
    assert found["warnings"] == ["2 of 3 were verified; their results are kept."]
    assert verifying.process.wait(PATIENCE) == code
    assert verifying.errors() == b""
    assert [bool(context.profile.integrations.get(each).verified_at) for each in NAMES] == [
        True,
        True,
        False,
    ]


def test_a_reader_that_goes_away_does_not_stop_the_checks(
    verifying: Verifying, context: Context, gate: Gate
) -> None:
    verifying.read_to('"id":"acme-1"')
    assert verifying.process.stdout is not None
    verifying.process.stdout.close()
    gate.open()

    assert (verifying.errors(), verifying.process.wait(PATIENCE)) == (b"", 0)
    assert all(context.profile.integrations.get(each).verified_at for each in NAMES)


def test_what_fails_before_the_first_result_is_an_envelope_without_data(
    ltictl: Ltictl, recorded: Recorded
) -> None:
    recorded()

    done = ltictl("verify", "acme-moodle", "no-such", "--allow-private", "--json")

    found = json.loads(done.stdout)
    assert (done.code, found["ok"], found["data"]) == (4, False, None)
    assert found["error"]["code"] == "no_such_integration"
