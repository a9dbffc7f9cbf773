"""The platform stores the tool and cuts its answer off: nothing is lost or repeated."""

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ltictl.errors import ExitCode, LtictlError
from ltictl.model.attempt import Stage
from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.operations.attempts import threads as attempt_threads
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.context import Context
from ltictl.operations.events import Inbox
from ltictl.operations.registration.headless import inspect_headless, register_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.recover import adopt_client, kept_words
from ltictl.operations.registration.register import Plan
from ltictl.operations.survey import unsettled
from ltictl.store.profile import Profile
from tests.support.playback import PlaybackPlatform
from tests.support.scale import ASKED, FULL, chosen, scaled

from .cutting import (
    Broken,
    CuttingPlatform,
    Ending,
    accepted,
    chunked,
    head,
    lengthed,
    until_close,
    zipped,
)
from .figures import Noted
from .ledgers import SECRET

CUTS_WANTED = 1500
SAMPLE = 40
TURNED = 60
POLICY = GuardPolicy(allow_private=True)
BODY = accepted()
ANSWERS = {
    "with its length": lengthed(BODY),
    "in chunks": chunked(BODY),
    "until the connection ends": until_close(BODY),
    "packed": zipped(BODY),
}


@dataclass
class Office:
    """One profile, and the platform that it registers with again and again."""

    context: Context
    plan: Plan
    platform: CuttingPlatform

    def register(self, behaviour: Broken) -> Registered | LtictlError:
        self.platform.behaviour = behaviour
        self.platform.posts = 0
        try:
            return register_headless(self.context, POLICY, self.plan, Inbox())
        except LtictlError as error:
            return error

    def judge(self, outcome: Registered | LtictlError) -> list[str]:
        """Return the faults after one answer, and leave the profile as it was before."""
        found = [] if self.platform.posts == 1 else [f"{self.platform.posts} requests"]
        if isinstance(outcome, LtictlError):
            found += self._lose(outcome)
        else:
            found += self._stored(outcome)
        return found

    def _stored(self, outcome: Registered) -> list[str]:
        identifier = outcome.integration.id
        known = self.context.profile.integrations.remove(identifier).client_id
        left = self.context.profile.attempts.ids()
        return [] if known == "client-000001" and not left else [f"{known}, left: {left}"]

    def _lose(self, error: LtictlError) -> list[str]:
        attempts, warnings = unsettled(self.context)
        found = [] if not self.context.profile.integrations.ids() else ["stored and failed"]
        if error.exit_code not in {ExitCode.NEEDS_RECOVERY, ExitCode.REFUSED}:
            found.append(f"exit code {error.exit_code}: {error.code} {error}")
        if [each.id for each in attempts] != ["acme-moodle"] or len(warnings) != 1:
            found.append(f"not named: {attempts} {error.code} {error}")
        if "recover acme-moodle" not in error.fix or SECRET in repr(error.__dict__):
            found.append(f"wrong error: {error.__dict__}")
        found += [f"secret shown: {e}" for e in attempts if SECRET in kept_words(e)]
        for each in self.context.profile.attempts.ids():
            self.context.profile.attempts.settle(each)
        return found

    def swept(self, behaviours: list[Broken]) -> tuple[list[str], int]:
        """The faults after each of these, and the number that were registered all the same."""
        found, registered = [], 0
        for each in behaviours:
            outcome = self.register(each)
            registered += isinstance(outcome, Registered)
            found += [f"{each.ending} after {each.sent[-40:]!r}: {p}" for p in self.judge(outcome)]
        return found, registered


@pytest.fixture(scope="module")
def office(plain_profile: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office") / "profile"
    shutil.copytree(plain_profile, folder)
    context = Context(Profile(folder))
    with PlaybackPlatform() as playback, CuttingPlatform() as platform:
        inspection = inspect_headless(
            context,
            Reach(POLICY),
            organization="acme",
            configuration_url=playback.url("configuration"),
            token="the-token",
        )
        configuration = replace(inspection.configuration, registration_endpoint=platform.url)
        inspection = replace(inspection, configuration=configuration)
        yield Office(context, Plan("acme", "", inspection, "the-token"), platform)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_threads, "ANSWER_DEADLINE", 0.4)


@pytest.fixture(scope="module")
def cuts() -> list[int]:
    return []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
@pytest.mark.parametrize("form", ANSWERS)
def test_cut_at_every_byte(office: Office, form: str, ending: Ending, cuts: list[int]) -> None:
    whole = ANSWERS[form]
    offsets = chosen(range(len(whole)), SAMPLE, TURNED)
    cuts.append(len(offsets))

    found, registered = office.swept([Broken(whole, cut, ending) for cut in offsets])

    assert found == []
    # Where nothing says how long it is, only its broken JSON shows that it was cut.
    assert registered == 0


@pytest.mark.parametrize("form", ANSWERS)
def test_an_answer_that_is_whole_is_stored(office: Office, form: str) -> None:
    found, registered = office.swept([Broken(ANSWERS[form])])

    assert (found, registered) == ([], 1)


@pytest.mark.timeout(300)
def test_a_packed_body_that_breaks_off_inside_a_whole_answer(
    office: Office, cuts: list[int]
) -> None:
    offsets = chosen(range(len(gzip.compress(BODY, mtime=0))), SAMPLE, TURNED)
    cuts.append(len(offsets))

    found, registered = office.swept([Broken(zipped(BODY, cut)) for cut in offsets])

    assert (found, registered) == ([], 0)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("form", ["with its length", "in chunks"])
def test_stalled(office: Office, form: str, cuts: list[int]) -> None:
    whole = ANSWERS[form]
    step = scaled(20, 300)  # each of them is waited for
    offsets = range((ASKED.turn or 0) % step, len(whole), step)
    cuts.append(len(offsets))

    found, registered = office.swept([Broken(whole, cut, Ending.STALLED) for cut in offsets])

    assert (found, registered) == ([], 0)


ODD = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "500 after storing": lengthed(BODY, status="500 Internal Server Error"),
    "502 of a proxy": lengthed(b"<html><h1>Bad Gateway</h1></html>", status="502 Bad Gateway"),
    "504 of a proxy": lengthed(b"", status="504 Gateway Timeout"),
    "a page": lengthed(b"<!DOCTYPE html><title>Tool added</title><p>Done.</p>"),
    "an empty answer": lengthed(b""),
    "no content": head(status="204 No Content"),
    "a list": lengthed(b"[1, 2]"),
    "no client_id": lengthed(b'{"client_name": "Example Tool"}'),
    "an empty client_id": lengthed(b'{"client_id": ""}'),
    "a client_id with a line end": lengthed(b'{"client_id": "a\\nb"}'),
    "half of a character": lengthed(b'{"client_id": "\\ud800"}'),
    "deep nesting": lengthed(b'{"client_id": ' + b"[" * 100_000),
    "too long": lengthed(b'{"x": "' + b"a" * 300_000 + b'"}'),
    "shorter than it says": head("Content-Length: 5000") + BODY,
    "an encoding that nobody asked for": lengthed(BODY, "Content-Encoding: br"),
    "packed badly": lengthed(BODY, "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_answers_that_say_nothing(office: Office, odd: bytes, cuts: list[int]) -> None:
    cuts.append(1)

    found, registered = office.swept([Broken(odd)])

    assert (found, registered) == ([], 0)


def test_answered_twice(office: Office) -> None:
    found, registered = office.swept([Broken(lengthed(BODY) + lengthed(accepted("another")))])

    assert (found, registered) == ([], 1)


def test_a_kept_answer_says_more_than_a_lost_one(office: Office) -> None:
    office.register(Broken(ANSWERS["with its length"], 0))
    lost = office.context.profile.attempts.get("acme-moodle")
    stored = adopt_client(office.context, "acme-moodle", "client-000001")
    assert (lost.stage, office.judge(stored)) == (Stage.SENT, [])

    office.register(Broken(lengthed(BODY, status="500 Oops")))
    kept = office.context.profile.attempts.get("acme-moodle")
    stored = adopt_client(office.context, "acme-moodle", "client-000001")
    assert (kept.stage, office.judge(stored)) == (Stage.ANSWERED, [])
    assert '"client_id": "client-000001"' in kept_words(kept)
    assert SECRET not in kept_words(kept)


def test_there_are_enough_cuts(cuts: list[int], noted: Noted) -> None:
    noted("lost answers", sum(cuts))

    assert sum(cuts) >= (CUTS_WANTED if FULL else SAMPLE)
