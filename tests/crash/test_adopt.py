"""``recover --adopt`` uses a kept answer, wherever ltictl had to store it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ltictl.model.attempt import Answer
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl
from tests.support.processes import Finished

from .documents import open_to_others
from .ledgers import SECRET, PlayedLedger, Ticket
from .school import REGISTER, assert_settled, unsettled
from .sweep import ATTEMPT_THREAD, Run, Scenario
from .templates import NOW, an_attempt
from .tracing import Call, Fault, at, require_strace
from .warm import Crew


@dataclass(frozen=True)
class Cut:
    """A registration that a fault really cut off, in a home of its own."""

    run: Run
    ticket: Ticket
    finished: Finished
    ltictl: Ltictl

    @property
    def client_id(self) -> str:
        assert self.run.scenario.ledger
        [issued] = self.run.scenario.ledger.issued(self.ticket)
        return issued


@pytest.fixture
def cut(
    plain_profile: Path, canvas: PlayedLedger, crew: Crew, tmp_path: Path
) -> Callable[..., Cut]:
    """Cuts a registration off with a fault at the call that ``part`` is in."""
    require_strace()
    scenario = Scenario("register", plain_profile, REGISTER, canvas, gate=ATTEMPT_THREAD)

    def cut_off(name: str, part: str, fault: Fault) -> Cut:
        with crew.one() as warm:
            undisturbed = Run.prepare(scenario, warm, tmp_path / "undisturbed")
            calls: list[Call] = undisturbed.trace().calls
            call = next(each for each in calls if each.name == name and part in each.arguments)
            run = Run.prepare(scenario, warm, tmp_path / "cut")
            traced = run.trace(at(call, fault))
        traced.assert_injected(call, fault)
        assert run.ticket
        return Cut(run, run.ticket, traced.finished, Ltictl(run.home))

    return cut_off


def test_a_kept_answer_is_adopted_with_all_that_it_says(cut: Callable[..., Cut]) -> None:
    found = cut("rename", "/integrations/", Fault.KILLED)
    assert unsettled(found.ltictl) == [("acme-canvas", "answered")]
    shown = found.ltictl("recover")
    assert (shown.code, SECRET in shown.stdout) == (7, False)
    assert f"client_id:   {found.client_id}" in shown.stdout

    done = found.ltictl("recover", "acme-canvas", "--adopt", "--json")

    assert done.code == 0, done
    [stored] = done.data["integrations"]
    assert (stored["client_id"], stored["deployments"][0]["id"]) == (found.client_id, "7")
    assert assert_settled(found.ltictl) == [("acme-canvas", found.client_id, "pending")]
    assert (
        found.run.context.profile.secrets.get("acme-canvas", "registration_access_token") == SECRET
    )
    assert found.ltictl("recover", "acme-canvas", "--adopt").code == 4
    attempts = found.run.profile / "attempts"
    assert not any(SECRET.encode() in path.read_bytes() for path in attempts.iterdir())


def test_an_integration_stored_before_the_cut_is_not_stored_twice(cut: Callable[..., Cut]) -> None:
    found = cut("unlink", ".attempt", Fault.KILLED)
    assert unsettled(found.ltictl) == [("acme-canvas", "answered")]

    done = found.ltictl("recover", "acme-canvas", "--adopt", "--json")

    assert done.code == 0, done
    assert assert_settled(found.ltictl) == [("acme-canvas", found.client_id, "pending")]


def test_an_answer_that_the_profile_could_not_take_is_brought_home(
    cut: Callable[..., Cut],
) -> None:
    found = cut("write", '"ANSWER ', Fault.FULL)
    assert (found.finished.code, found.finished.error["code"]) == (7, "answer_not_written")
    [saved] = found.run.home.path.rglob("*.answer")
    assert str(saved) in found.finished.error["message"]
    assert "recover acme-canvas --adopt" in found.finished.error["fix"]
    assert open_to_others(saved.parent) == []

    assert unsettled(found.ltictl) == [("acme-canvas", "answered")]
    done = found.ltictl("recover", "acme-canvas", "--adopt", "--json")

    assert done.code == 0, done
    [stored] = done.data["integrations"]
    assert (stored["client_id"], stored["deployments"][0]["id"]) == (found.client_id, "7")
    assert not saved.exists()


def test_its_token_is_not_sent_for_another_organization(cut: Callable[..., Cut]) -> None:
    found = cut("rename", "/integrations/", Fault.KILLED)
    assert found.ltictl("org", "add", "beta").code == 0
    where = ("--openid-configuration", found.ticket.configuration, "--registration-token-file", "-")

    done = found.ltictl(
        "register", "--org", "beta", *REGISTER[3:], *where, input=found.ticket.token
    )

    assert (done.code, done.error["code"]) == (7, "attempt_unsettled"), done
    assert "ltictl recover acme-canvas" in done.error["fix"]
    assert found.run.scenario.ledger
    assert found.run.scenario.ledger.posts(found.ticket) == 1


def test_put_aside_no_secret_of_it_stays_in_use(cut: Callable[..., Cut]) -> None:
    found = cut("rename", "/integrations/", Fault.KILLED)
    assert (
        found.run.context.profile.secrets.get("acme-canvas", "registration_access_token") == SECRET
    )

    done = found.ltictl("recover", "acme-canvas", "--forget", "--yes")

    assert done.code == 0, done
    assert found.run.context.profile.secrets.get("acme-canvas", "registration_access_token") == ""
    assert len(list((found.run.profile / "removed" / "secrets").iterdir())) == 1


def test_two_people_adopt_at_once(cut: Callable[..., Cut]) -> None:
    found = cut("rename", "/integrations/", Fault.KILLED)
    with ThreadPoolExecutor(4) as pool:
        every = pool.map(found.ltictl, ["recover"] * 4, ["acme-canvas"] * 4, ["--adopt"] * 4)
        codes = sorted(done.code for done in every)

    assert codes == [0, 4, 4, 4]
    assert assert_settled(found.ltictl) == [("acme-canvas", found.client_id, "pending")]


def test_stopped_before_it_was_sent_is_nothing_to_worry_about(cut: Callable[..., Cut]) -> None:
    found = cut("write", '"SENT ', Fault.KILLED)
    assert (unsettled(found.ltictl), found.ltictl("recover").code) == ([], 0)
    assert "acme-canvas" in found.ltictl("doctor", "--offline").stdout
    assert found.run.scenario.ledger
    ticket = found.run.scenario.ledger.start()
    address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")

    done = found.ltictl(*REGISTER, *address, input=ticket.token)

    assert [each["id"] for each in done.data["integrations"]] == ["acme-canvas"]
    assert "acme-canvas" not in found.ltictl("doctor", "--offline").stdout


@pytest.mark.parametrize("where", ["head", "note of sending"])
def test_a_damaged_attempt_is_never_taken_for_nothing(cut: Callable[..., Cut], where: str) -> None:
    found = cut("rename", "/integrations/", Fault.KILLED)
    path = found.run.profile / "attempts" / "acme-canvas.attempt"
    data = path.read_bytes()
    spot = 0 if where == "head" else data.index(b"SENT ")
    path.write_bytes(data[:spot] + b"\xff" + data[spot + 1 :])
    assert found.run.scenario.ledger
    ticket = found.run.scenario.ledger.start()
    address = ("--openid-configuration", ticket.configuration, "--registration-token-file", "-")

    again = found.ltictl(*REGISTER, *address, input=ticket.token)

    assert again.code == 7, again
    assert "ltictl recover acme-canvas" in again.error["fix"]
    assert found.run.scenario.ledger.posts(ticket) == 0
    assert "ltictl recover acme-canvas" in found.ltictl("list").stderr
    assert found.ltictl("doctor", "--offline").code == 8
    assert found.ltictl("recover").code == 7
    assert found.ltictl("recover", "acme-canvas", "--forget", "--yes").code == 0
    assert path.exists() is False


def test_a_kept_refusal_is_shown_and_settled(ltictl: Ltictl, profile: Path) -> None:
    attempts = Profile(profile).attempts
    journal = attempts.begin(an_attempt())
    journal.note_sent(NOW)
    journal.note_answered(Answer(401, "text/html", b"token_already_used"))
    journal.close()

    done = ltictl("recover", "acme-moodle", "--adopt", "--json")

    assert (done.code, done.error["code"]) == (3, "platform_refused")
    assert (assert_settled(ltictl), ltictl("recover").code) == ([], 0)
