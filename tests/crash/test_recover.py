"""``recover`` without a stored answer: asking the LMS, by hand, discarding, and refusals."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.operations.context import Context
from ltictl.operations.signing import published_keys
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform

from .documents import open_to_others
from .ledgers import PlayedLedger
from .school import REGISTER, TOKEN, School, assert_settled, begin, encoded, lost, unsettled

ASK = ("recover", "acme-moodle", "--probe", "--yes", "--allow-private", "--json")


@pytest.fixture
def profile(home: Home, plain_profile: Path, playback: PlaybackPlatform) -> Path:
    """A profile whose tool has its key set at ``playback``."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(plain_profile, folder)
    settings = folder / "profile.toml"
    settings.write_text(settings.read_text().replace("https://tool.invalid", playback.base_url))
    keys = published_keys(Context(Profile(folder)))[0]
    playback.on("/.well-known/jwks.json", Answer(200, {}, json.dumps(keys).encode()))
    return folder


@pytest.fixture
def school() -> Iterator[School]:
    with Sandbox() as sandbox:
        yield School(sandbox)


@pytest.mark.usefixtures("profile")
class TestNoAnswer:
    def test_everybody_says_so(self, ltictl: Ltictl, school: School) -> None:
        begin(school, ltictl)

        listed = ltictl("list")
        assert listed.code == 0
        assert "warning" in listed.stderr
        assert "ltictl recover acme-moodle" in listed.stderr
        assert unsettled(ltictl) == [("acme-moodle", "sent")]
        found = ltictl("recover")
        assert (found.code, "--probe" in found.stdout) == (7, True)
        doctor = ltictl("doctor", "--offline", "--json")
        assert doctor.code == 8
        failed = [each for each in doctor.data["checks"] if each["result"] == "fail"]
        assert [each["id"] for each in failed] == ["attempts"]
        assert "ltictl recover acme-moodle" in failed[0]["fix"]

    def test_another_registration_there_has_to_wait(self, ltictl: Ltictl, school: School) -> None:
        begin(school, ltictl)
        initiation = school.sandbox.lms.start_registration("https://tool.invalid/r?t=2")
        query = parse_qs(urlsplit(initiation).query)

        again = ltictl(*REGISTER, "--openid-configuration", query["openid_configuration"][0])

        assert (again.code, again.error["code"]) == (7, "attempt_unsettled")
        assert "ltictl recover acme-moodle" in again.error["fix"]
        assert len(school.sandbox.lms.ledger) == 1

    def test_asked_the_lms_knows_it(self, ltictl: Ltictl, school: School, profile: Path) -> None:
        begin(school, ltictl)

        done = ltictl(*ASK)

        [tool] = school.sandbox.lms.tools()
        assert done.code == 0, done
        assert done.data["integrations"][0]["client_id"] == tool.client_id
        assert assert_settled(ltictl) == [("acme-moodle", tool.client_id, "pending")]
        assert len(school.sandbox.lms.ledger) == 1, "nothing was sent again"
        assert open_to_others(profile) == []

    def test_asked_the_lms_does_not_know_it(
        self, ltictl: Ltictl, school: School, profile: Path
    ) -> None:
        school.arrives = False
        school.slow_down()
        start = school.sandbox.lms.start_registration
        query = parse_qs(urlsplit(start("https://tool.invalid/r?t=1")).query)
        school.sandbox.lms.register = lost(school)  # type: ignore[method-assign,assignment]
        school.cut_off(ltictl, f"https://x.invalid/?{encoded(query)}")

        done = ltictl(*ASK)

        assert done.code == 0, done
        assert done.data == {"integrations": [], "attempts": []}
        assert assert_settled(ltictl) == []
        assert len(list((profile / "removed" / "attempts").iterdir())) == 1
        assert school.sandbox.lms.tools() == ()

    def test_asking_needs_consent(self, ltictl: Ltictl, school: School) -> None:
        begin(school, ltictl)

        refused = ltictl("recover", "acme-moodle", "--probe", "--json")

        assert (refused.code, refused.error["code"]) == (2, "consent_needed")
        assert unsettled(ltictl) == [("acme-moodle", "sent")]

    def test_an_lms_that_fails_decides_nothing(
        self, ltictl: Ltictl, school: School, playback: PlaybackPlatform
    ) -> None:
        begin(school, ltictl)
        playback.on("/.well-known/jwks.json", Answer.text("gone", 404))

        done = ltictl(*ASK)

        assert (done.code, done.error["code"]) == (7, "probe_undecided"), done
        [tool] = school.sandbox.lms.tools()
        assert tool.client_id in done.error["fix"]
        assert unsettled(ltictl) == [("acme-moodle", "sent")]

    def test_with_the_client_id_that_a_person_read(self, ltictl: Ltictl, school: School) -> None:
        begin(school, ltictl)
        [tool] = school.sandbox.lms.tools()

        wrong = ltictl("recover", "acme-moodle", "--client-id", "a\x1bb", "--json")
        done = ltictl("recover", "acme-moodle", "--client-id", tool.client_id, "--json")

        assert (wrong.code, wrong.error["code"]) == (2, "invalid_value")
        assert done.code == 0, done
        assert assert_settled(ltictl) == [("acme-moodle", tool.client_id, "pending")]

    def test_put_aside(self, ltictl: Ltictl, school: School, profile: Path) -> None:
        begin(school, ltictl)

        unasked = ltictl("recover", "acme-moodle", "--forget", "--json")
        done = ltictl("recover", "acme-moodle", "--forget", "--yes", "--json")

        assert (unasked.code, unasked.error["code"]) == (2, "consent_needed")
        assert done.code == 0
        assert assert_settled(ltictl) == []
        [kept] = (profile / "removed" / "attempts").iterdir()
        assert b'"token_subject"' in kept.read_bytes()
        assert ltictl("recover").code == 0

    def test_there_is_no_answer_to_adopt(self, ltictl: Ltictl, school: School) -> None:
        begin(school, ltictl)

        done = ltictl("recover", "acme-moodle", "--adopt", "--json")

        assert (done.code, done.error["code"]) == (1, "no_answer_kept")
        assert unsettled(ltictl) == [("acme-moodle", "sent")]

    def test_an_update_is_never_probed(self, ltictl: Ltictl, school: School) -> None:
        lms = school.sandbox.lms
        url = "https://tool.invalid/r?t=1"
        query = parse_qs(urlsplit(lms.start_registration(url)).query)
        address = ("--openid-configuration", query["openid_configuration"][0])
        ltictl(*REGISTER, *address, "--registration-token-file", "-", input=query[TOKEN][0])
        [tool] = lms.tools()
        school.slow_down()
        school.cut_off(ltictl, lms.start_update(tool.deployment_id, url))
        [(identifier, stage)] = unsettled(ltictl)

        done = ltictl("recover", identifier, "--probe", "--yes", "--allow-private", "--json")

        assert (done.code, done.error["code"], stage) == (1, "probe_impossible", "sent"), done
        assert "--probe" not in ltictl("recover").stdout
        assert unsettled(ltictl) == [(identifier, "sent")]


@pytest.mark.usefixtures("profile")
def test_canvas_is_never_probed(ltictl: Ltictl, playback: PlaybackPlatform) -> None:
    PlayedLedger(playback)
    playback.on("registration", Answer.json({}, delay=20))
    running = ltictl.start(*REGISTER, "--openid-configuration", playback.url("configuration"))
    playback.wait_for_request("registration")
    running.close(grace=0)

    done = ltictl("recover", "acme-canvas", "--probe", "--yes", "--allow-private", "--json")

    assert (done.code, done.error["code"]) == (1, "probe_impossible")
    assert "--client-id" in done.error["fix"]
    assert unsettled(ltictl) == [("acme-canvas", "sent")]
    assert playback.requests_to("token") == []
    assert len(playback.requests_to("registration")) == 1


@pytest.mark.usefixtures("profile")
def test_a_registration_under_way_is_left_alone(ltictl: Ltictl, playback: PlaybackPlatform) -> None:
    released = threading.Event()

    def slowly(_: object) -> Answer:
        released.wait(25)
        return Answer.json({"client_id": "late"})

    playback.on("registration", slowly)
    running = ltictl.start(*REGISTER, "--openid-configuration", playback.url("configuration"))
    playback.wait_for_request("registration")

    outcomes = [
        ltictl("recover", "acme-moodle", *way, "--json")
        for way in (("--adopt",), ("--client-id", "x"), ("--forget", "--yes"), ())
    ]
    listed = ltictl("list", "--json")
    released.set()

    assert {done.error["code"] for done in outcomes} == {"attempt_under_way"}
    assert (listed.data["attempts"], listed.json["warnings"]) == ([], [])
    assert running.wait(15).code == 0
    assert assert_settled(ltictl) == [("acme-moodle", "late", "pending")]


@pytest.mark.usefixtures("profile")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("acme-moodle", "--adopt", "--forget"), 2),
        (("--adopt",), 2),
        (("acme-moodle", "--adopt"), 4),
        (("../integrations/x", "--adopt"), 4),
        (("../../x", "--forget", "--yes"), 4),
        ((), 0),
    ],
)
def test_what_cannot_be_meant(ltictl: Ltictl, arguments: tuple[str, ...], code: int) -> None:
    done = ltictl("recover", *arguments, "--json")

    assert done.code == code, done
    assert done.json["ok"] is (code == 0)
