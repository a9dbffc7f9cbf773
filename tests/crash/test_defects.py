"""A defect in the reader of an answer, even a provoked one, does not lose the answer."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ltictl.errors import LtictlError, NeedsRecoveryError
from ltictl.lti import kept_answer
from ltictl.model.attempt import Stage
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import MAX_BODY
from ltictl.operations.attempts import lost_answer, settle
from ltictl.operations.context import Context
from ltictl.operations.events import Inbox
from ltictl.operations.organizations import remove_organization
from ltictl.operations.registration import recover
from ltictl.operations.registration.headless import inspect_headless, register_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan
from ltictl.store.attempt_file import Journal
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform

from .ledgers import PlayedLedger
from .school import REGISTER
from .templates import NOW, an_attempt

POLICY = GuardPolicy(allow_private=True)


def defective(*_: object) -> object:
    raise ZeroDivisionError


@dataclass
class Office:
    """A profile in this process, at home in ``home``, and the LMS that it registers with."""

    context: Context
    lms: PlaybackPlatform

    def register(self) -> LtictlError:
        url = self.lms.url("configuration")
        inspection = inspect_headless(
            self.context,
            Reach(POLICY),
            organization="acme",
            configuration_url=url,
            token="",
        )
        with pytest.raises(LtictlError) as caught:
            register_headless(self.context, POLICY, Plan("acme", "", inspection, ""), Inbox())
        return caught.value


@pytest.fixture
def office(home: Home, plain_profile: Path, playback: PlaybackPlatform) -> Office:
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(plain_profile, folder)
    return Office(Context(Profile(folder)), playback)


@pytest.mark.parametrize("name", ["read_registration", "_store"])
def test_a_defect_behind_a_durable_answer(
    office: Office, ltictl: Ltictl, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(settle, name, defective)
        error = office.register()

    assert isinstance(error, NeedsRecoveryError)
    assert "ltictl recover acme-moodle" in error.fix
    assert office.context.profile.attempts.get("acme-moodle").stage is Stage.ANSWERED
    done = ltictl("recover", "acme-moodle", "--adopt", "--json")
    assert [each["client_id"] for each in done.data["integrations"]] == ["client000000001"]


def test_a_defect_while_the_answer_is_saved_elsewhere(
    office: Office, home: Home, ltictl: Ltictl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setenv("HOME", str(home.path))
        patch.setattr(Journal, "note_answered", refuse)
        patch.setattr(lost_answer, "read_registration", defective)
        error = office.register()

    assert error.code == "answer_not_written"
    assert len(list(home.path.rglob("*.answer"))) == 1
    assert ltictl("recover", "acme-moodle", "--adopt", "--json").code == 0


def test_a_defect_does_not_hide_the_attempt(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.lms.on("registration", Answer.json({"client_id": 7.5}))
    office.register()
    monkeypatch.setattr(kept_answer, "read_registration", defective)
    [attempt] = recover.find_unsettled_attempts(office.context)[0]

    assert attempt.answer is not None
    assert kept_answer.kept_ids(attempt.answer).client_id == ""
    assert not recover.can_adopt(attempt)


@pytest.mark.parametrize("page", ["<![foo[<h1>Denied</h1>", "<title><![ x"])
def test_a_page_that_no_parser_likes_is_a_refusal(office: Office, page: str) -> None:
    office.lms.on("registration", Answer.text(page, 403))

    assert office.register().code == "platform_refused"
    assert office.context.profile.attempts.ids() == []


@pytest.mark.parametrize("name", ["Content-Type", "Date"])
def test_an_answer_never_outgrows_the_room_that_was_reserved(
    office: Office, ltictl: Ltictl, name: str
) -> None:
    """The longest body and a head that JSON makes six times as long."""
    body = b'{"client_id": ' + b" " * (MAX_BODY - 14)
    office.lms.on("registration", Answer(200, {name: "\u00e9" * 20_000}, body))

    error = office.register()

    assert error.code == "answer_unusable"
    path = office.context.profile.root / "attempts" / "acme-moodle.attempt"
    assert office.context.profile.attempts.get("acme-moodle").answer is not None
    fresh = office.context.profile.attempts.begin(an_attempt("acme-room"))
    assert isinstance(fresh, Journal)
    reserved = fresh.path.stat().st_size
    fresh.close()
    assert path.stat().st_size <= reserved + 4096, "the request differs in length, nothing else"
    assert ltictl("recover").code == 7


def spoil(context: Context, identifier: str) -> Path:
    journal = context.profile.attempts.begin(an_attempt(identifier))
    assert isinstance(journal, Journal)
    journal.note_sent(NOW)
    journal.close()
    journal.path.write_bytes(b"X" + journal.path.read_bytes()[1:])
    return journal.path


def test_a_damaged_attempt_stops_its_organization_under_any_id(
    office: Office, ltictl: Ltictl, canvas: PlayedLedger
) -> None:
    spoil(office.context, "acme-moodle-2")
    ticket = canvas.start()
    address = ("--openid-configuration", ticket.configuration)

    done = ltictl(*REGISTER, *address)

    assert (done.code, done.error["code"]) == (7, "damaged_attempt")
    assert canvas.posts(ticket) == 0
    assert ltictl("recover", "acme-moodle-2", "--forget", "--yes").code == 0
    assert ltictl(*REGISTER, *address).code == 0


def test_another_organization_goes_on_with_a_warning(
    office: Office, ltictl: Ltictl, canvas: PlayedLedger
) -> None:
    spoil(office.context, "beta-moodle")
    address = ("--openid-configuration", canvas.start().configuration)

    done = ltictl(*REGISTER, *address)

    assert done.code == 0, done
    assert any("ltictl recover beta-moodle" in each for each in done.json["warnings"])


def test_an_organization_stays_while_its_registration_is_unsettled(office: Office) -> None:
    journal = office.context.profile.attempts.begin(an_attempt())
    journal.note_sent(NOW)
    journal.close()

    with pytest.raises(NeedsRecoveryError) as caught:
        remove_organization(office.context, "acme")

    assert "ltictl recover acme-moodle" in caught.value.fix
    assert office.context.profile.organizations.exists("acme")


Spoil = Callable[[Path], object]
FOLDERS: dict[str, Spoil] = {
    "a file": lambda path: path.write_text("not a folder"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("spoiled", FOLDERS.values(), ids=FOLDERS)
def test_no_folder_for_attempts(
    office: Office, ltictl: Ltictl, canvas: PlayedLedger, spoiled: Spoil
) -> None:
    spoiled(office.context.profile.root / "attempts")
    ticket = canvas.start()

    done = ltictl(*REGISTER, "--openid-configuration", ticket.configuration)

    assert done.code in {1, 9}, done
    assert done.error["code"] in {"cannot_write", "cannot_read"}
    assert "Traceback" not in done.stderr
    assert canvas.posts(ticket) == 0
