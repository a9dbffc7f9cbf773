"""A damaged, removed or foreign document does not affect the others."""

from pathlib import Path

import pytest

from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.visit import Admin, headless, listening, outcome

from .test_bad_input import INTEGRATION


@pytest.fixture
def neighbour(acme: Ltictl, profile: Path) -> Path:
    """An integration of the organization ``acme-west``, whose id begins like one of acme's."""
    acme("org", "add", "acme-west").assert_success()
    document = profile / "integrations" / "acme-west-moodle.toml"
    document.parent.mkdir(mode=0o700, exist_ok=True)
    document.write_text(INTEGRATION.replace('"acme"', '"acme-west"'))
    return document


DAMAGE = [
    pytest.param("organization = ", "organization = [", id="no TOML"),
    pytest.param('status = "active"', 'status = "activ"', id="no such status"),
    pytest.param('issuer = "https://lms.example"', 'issuer = "lms"', id="issuer is no URL"),
    pytest.param('client_id = "1"', "client_id = 1", id="client_id is a number"),
    pytest.param("12:00:00Z\nupd", "12:00:00\nupd", id="a time without offset"),
]


@pytest.mark.parametrize(("former", "damaged"), DAMAGE)
def test_a_damaged_integration_is_named_and_hides_only_itself(
    acme: Ltictl, playback: PlaybackPlatform, neighbour: Path, former: str, damaged: str
) -> None:
    assert headless(acme, playback.url("configuration")).code == 0
    neighbour.write_text(neighbour.read_text().replace(former, damaged))

    done = acme("list", "--json")

    assert [each["id"] for each in done.data["integrations"]] == ["acme-moodle"]
    (warning,) = done.json["warnings"]
    assert "acme-west-moodle.toml" in warning
    shown = acme("show", "acme-west-moodle", "--json")
    assert (shown.code, shown.error["code"]) == (9, "damaged_document")
    assert acme("activate", "acme-moodle").code == 0


def test_a_damaged_neighbour_does_not_stop_a_registration(
    acme: Ltictl, playback: PlaybackPlatform, neighbour: Path
) -> None:
    neighbour.write_text("[")

    done = headless(acme, playback.url("configuration"), "--json")

    assert (done.code, done.error) == (0, None)
    assert acme("list", "--json").data["attempts"] == []


def test_a_damaged_neighbour_does_not_stop_the_page(
    acme: Ltictl, admin: Admin, neighbour: Path
) -> None:
    neighbour.write_text("[")
    running, url = listening(acme)

    page = admin.open(url)

    assert page.status_code == 200
    assert outcome(admin.press(page)) == "registered"
    assert "Traceback" not in running.wait(10).stderr


def test_a_damaged_neighbour_does_not_hide_an_organization(acme: Ltictl, neighbour: Path) -> None:
    neighbour.write_text("[")

    assert acme("org", "show", "acme", "--json").code == 0


def test_verify_all_passes_over_damaged_documents(
    acme: Ltictl, playback: PlaybackPlatform, neighbour: Path
) -> None:
    assert headless(acme, playback.url("configuration")).code == 0
    neighbour.write_text("[")

    done = acme("verify", "--all", "--allow-private", "--json")

    assert done.code == 8
    assert "acme-moodle" in {each["id"] for each in done.data["integrations"]}


def test_a_damaged_invitation_spoils_no_other(acme: Ltictl, admin: Admin, profile: Path) -> None:
    (profile / "invitations").mkdir(mode=0o700)
    (profile / "invitations" / "0000aaaa.toml").write_text("[")
    running, url = listening(acme)

    assert outcome(admin.press(admin.open(url))) == "registered"
    assert running.wait(10).code == 0


def test_an_organization_whose_name_begins_alike_keeps_its_integration(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    playback.on("registration", accepting(client_id="shared-by-both"))
    assert acme("org", "add", "acme-west").code == 0
    url = playback.url("configuration")
    assert headless(acme, url, "--org", "acme-west").code == 0

    assert headless(acme, url, "--org", "acme").code == 0

    found = acme("list", "--json").data["integrations"]
    assert [(each["id"], each["organization"]) for each in found] == [
        ("acme-moodle", "acme"),
        ("acme-west-moodle", "acme-west"),
    ]


def test_a_known_client_is_updated_and_its_access_token_stands_beside_it(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path
) -> None:
    url = playback.url("configuration")
    for token in ("first", "second"):
        answer = accepting(client_id="always-the-same", registration_access_token=token)
        playback.on("registration", answer)
        assert headless(acme, url, token=f"issued-{token}").code == 0

    found = acme("list", "--json").data["integrations"]
    secrets = {path.stem: path.read_text() for path in (profile / "secrets").glob("*.toml")}

    assert [each["id"] for each in found] == ["acme-moodle"]
    assert list(secrets) == ["acme-moodle"]
    assert 'registration_access_token = "second"' in secrets["acme-moodle"]


def test_a_removed_integration_takes_its_secrets_along(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path
) -> None:
    playback.on("registration", accepting(registration_access_token="CANARY"))
    assert headless(acme, playback.url("configuration")).code == 0

    assert acme("remove", "acme-moodle", "--yes").code == 0

    assert not list((profile / "secrets").glob("*.toml"))
    (moved,) = (profile / "removed" / "secrets").glob("acme-moodle.*.toml")
    assert "CANARY" in moved.read_text()


def test_a_secret_is_nowhere_but_in_its_own_folder(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path
) -> None:
    secret = {"registration_access_token": "CANARY1", "client_secret": "CANARY2"}
    playback.on("registration", accepting(201, **secret))

    done = headless(acme, playback.url("configuration"), "--json", "--verbose", token="CANARY3")

    assert done.code == 0
    shown = done.stdout + done.stderr + acme("show", "acme-moodle", "--json").stdout
    assert "CANARY" not in shown
    holders = [
        path for path in profile.rglob("*") if path.is_file() and b"CANARY" in path.read_bytes()
    ]
    assert [path.relative_to(profile).as_posix() for path in holders] == [
        "secrets/acme-moodle.toml"
    ]


def test_the_next_run_names_an_interrupted_attempt(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    playback.on("registration", Answer(close_after=0))
    assert headless(acme, playback.url("configuration")).code == 7

    done = acme("register", "--org", "acme", "--port", "0", "--timeout", "1s")

    assert "ltictl recover acme-moodle" in done.stderr
