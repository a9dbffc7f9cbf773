"""ltictl remembers an update whose answer is lost or cannot be stored: it may hold the token."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

from .documents import open_to_others
from .ledgers import SECRET
from .scenarios import UPDATE
from .sweep import ATTEMPT_THREAD, Run, Scenario
from .templates import make_template
from .tracing import Fault, at, require_strace
from .updates import CLIENT, ID, MEMBER, ChangingPlatform, Registered, with_registration
from .warm import Crew

PROBE = ("recover", ID, "--probe", "--yes", "--allow-private", "--json")


@dataclass
class Office:
    """One profile with one registration that can be changed, and the LMS that has it."""

    ltictl: Ltictl
    profile: Path
    lms: ChangingPlatform
    registered: Registered

    @property
    def token(self) -> str:
        return Profile(self.profile).secrets.get(ID, MEMBER)

    @property
    def answer(self) -> str:
        return Profile(self.profile).integrations.get(ID).answer

    def unsettled(self) -> list[tuple[str, str, str]]:
        attempts = self.ltictl("recover", "--json").data["attempts"]
        return [(each["id"], each["kind"], each["stage"]) for each in attempts]


@pytest.fixture
def office(home: Home, ltictl: Ltictl, playback: PlaybackPlatform, tmp_path: Path) -> Office:
    lms = ChangingPlatform(playback)
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    make_template(tmp_path, with_registration(lms.url)).rename(folder)
    registered = lms.start()
    Profile(folder).secrets.keep(ID, {MEMBER: registered.token})
    return Office(ltictl, folder, lms, registered)


def nothing(_: Answer) -> Answer:
    return Answer(close_after=0)


def failed(answer: Answer) -> Answer:
    return replace(answer, status=500)


def slow(answer: Answer) -> Answer:
    return replace(answer, delay=1.2)


def never(answer: Answer) -> Answer:
    return replace(answer, delay=20)


def tokens_in(done: Finished) -> list[str]:
    return [word for word in (SECRET, "Traceback") if word in done.stdout + done.stderr]


def test_an_update_leaves_nothing_behind(office: Office) -> None:
    done = office.ltictl(*UPDATE)

    assert done.code == 0, done
    assert (office.registered.changes, office.token) == (1, office.registered.token)
    assert list((office.profile / "attempts").glob("*.attempt")) == []
    assert open_to_others(office.profile) == []
    again = office.ltictl(*UPDATE)
    assert (again.code, again.data["changes"], office.registered.changes) == (0, [], 1)


def test_a_lost_answer_is_named_by_everybody_and_not_repeated(office: Office) -> None:
    office.lms.answering = nothing

    done = office.ltictl(*UPDATE)

    assert (done.code, done.error["code"], tokens_in(done)) == (7, "answer_lost", [])
    assert f"ltictl recover {ID}" in done.error["fix"]
    assert office.unsettled() == [(ID, "update", "sent")]
    listed = office.ltictl("list")
    assert (listed.code, f"The update of {ID!r}" in listed.stderr) == (0, True)
    assert office.ltictl("doctor", "--offline").code == 8
    again = office.ltictl(*UPDATE)
    assert (again.code, again.error["code"]) == (7, "attempt_unsettled")
    assert office.registered.changes == 1


def test_asked_by_reading_the_lms_has_the_change(office: Office) -> None:
    office.lms.replaces = frozenset()
    office.lms.answering = nothing
    office.ltictl(*UPDATE)
    office.lms.answering = lambda answer: answer

    done = office.ltictl(*PROBE)

    assert (done.code, [each["id"] for each in done.data["integrations"]]) == (0, [ID]), done
    assert '"client_name": "Example Tool"' in office.answer
    assert (office.unsettled(), office.registered.changes) == ([], 1)


def test_asked_by_reading_the_lms_does_not_have_the_change(office: Office) -> None:
    office.lms.replaces = frozenset()
    office.lms.answering = nothing
    office.ltictl(*UPDATE)
    office.registered.document["client_name"] = "Old"

    done = office.ltictl(*PROBE)

    assert (done.code, done.data) == (0, {"integrations": [], "attempts": []}), done
    assert len(list((office.profile / "removed" / "attempts").iterdir())) == 1
    assert office.unsettled() == []


def test_a_token_that_nobody_read_is_reported(office: Office) -> None:
    office.lms.answering = nothing
    office.ltictl(*UPDATE)

    done = office.ltictl(*PROBE)

    assert (done.code, done.error["code"], tokens_in(done)) == (7, "probe_undecided", [])
    assert "replaced the token" in done.error["why"]
    assert f"ltictl recover {ID} --forget" in done.error["fix"]
    assert office.unsettled() == [(ID, "update", "sent")]
    assert office.ltictl("recover", ID, "--forget", "--yes").code == 0
    assert office.unsettled() == []


def test_an_lms_that_failed_after_the_change_has_its_token_kept(office: Office) -> None:
    office.lms.answering = failed

    done = office.ltictl(*UPDATE)

    assert (done.code, done.error["code"], tokens_in(done)) == (7, "platform_failed", [])
    assert office.token == office.registered.token
    shown = office.ltictl("recover")
    assert (SECRET in shown.stdout, "--probe" in shown.stdout) == (False, True)
    assert office.ltictl(*PROBE).code == 0
    assert '"client_name": "Example Tool"' in office.answer


def test_its_client_id_is_known(office: Office) -> None:
    office.lms.answering = nothing
    office.ltictl(*UPDATE)

    done = office.ltictl("recover", ID, "--client-id", "other", "--json")

    assert (done.code, done.error["code"]) == (1, "client_id_known")
    assert office.ltictl("list", "--json").data["integrations"][0]["client_id"] == CLIENT
    assert "--client-id" not in office.ltictl("recover").stdout


def test_a_refusal_settles_it(office: Office) -> None:
    office.lms.answering = lambda _: Answer.json({"error": "invalid_client_metadata"}, 400)

    done = office.ltictl(*UPDATE)

    assert (done.code, done.error["code"]) == (3, "change_refused")
    assert office.unsettled() == []


def test_the_first_signal_waits_for_the_answer(office: Office) -> None:
    office.lms.answering = slow
    running = office.ltictl.start(*UPDATE)
    office.lms.platform.wait_for_request("/client", count=2)

    running.send_signal(signal.SIGTERM)
    running.next_event("finishing")
    done = running.wait()

    assert done.code == 0, done
    assert (office.token, office.unsettled()) == (office.registered.token, [])


def test_the_second_signal_leaves_it(office: Office) -> None:
    office.lms.answering = never
    running = office.ltictl.start(*UPDATE)
    office.lms.platform.wait_for_request("/client", count=2)

    running.send_signal(signal.SIGINT)
    running.next_event("finishing")
    running.send_signal(signal.SIGINT)
    done = running.wait()

    assert (done.code, done.error["code"], tokens_in(done)) == (130, "interrupted", [])
    assert office.unsettled() == [(ID, "update", "sent")]


def test_a_signal_while_it_is_looked_at_leaves_nothing(office: Office) -> None:
    office.lms.platform.on("/client", Answer(delay=20))
    running = office.ltictl.start(*UPDATE)
    office.lms.platform.wait_for_request("/client")

    running.send_signal(signal.SIGTERM)
    done = running.wait()

    assert (done.code, tokens_in(done)) == (143, [])
    assert list((office.profile / "attempts").glob("*.attempt")) == []


Cut = Callable[..., tuple[Run, Finished]]


@pytest.fixture
def cut(playback: PlaybackPlatform, crew: Crew, tmp_path: Path) -> Cut:
    """An update with a fault at the call that ``part`` is in."""
    require_strace()

    def cut_off(
        name: str, part: str, fault: Fault, replaces: str, gate: str
    ) -> tuple[Run, Finished]:
        lms = ChangingPlatform(playback, frozenset({replaces}))
        template = make_template(tmp_path / "template", with_registration(lms.url))
        scenario = Scenario("update", template, UPDATE, changing=lms, gate=gate)
        with crew.one() as warm:
            calls = Run.prepare(scenario, warm, tmp_path / "undisturbed").trace().calls
            call = next(each for each in calls if each.name == name and part in each.arguments)
            run = Run.prepare(scenario, warm, tmp_path / "cut")
            traced = run.trace(at(call, fault))
        traced.assert_injected(call, fault)
        return run, traced.finished

    return cut_off


@pytest.mark.parametrize(("replaces", "gate"), [("PUT", ATTEMPT_THREAD), ("GET", "")])
def test_a_token_that_could_not_be_stored_is_adopted_later(
    cut: Cut, replaces: str, gate: str
) -> None:
    run, done = cut("rename", "/secrets/", Fault.FULL, replaces, gate)
    assert run.registered
    assert (done.code, done.error["code"], tokens_in(done)) == (7, "update_not_stored", [])
    assert run.context.profile.secrets.get(ID, MEMBER) != run.registered.token

    settled = run.ltictl("recover", ID, "--adopt", "--json")

    assert settled.code == 0, settled
    assert run.context.profile.secrets.get(ID, MEMBER) == run.registered.token
    assert run.ltictl("recover").code == 0
    assert run.ltictl(*UPDATE).code == 0


def test_an_answer_that_the_attempt_could_not_take_is_brought_home(cut: Cut) -> None:
    run, done = cut("write", '"ANSWER ', Fault.FULL, "PUT", ATTEMPT_THREAD)
    assert run.registered
    assert (done.code, done.error["code"], tokens_in(done)) == (7, "answer_not_written", [])
    [saved] = run.home.path.rglob("*.answer")
    assert open_to_others(saved.parent) == []

    assert run.ltictl("recover", ID, "--adopt", "--json").code == 0

    assert run.context.profile.secrets.get(ID, MEMBER) == run.registered.token
    assert not saved.exists()
