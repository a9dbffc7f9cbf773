"""Faulty LMSs, headless: the same error as text and as JSON, and nothing stored."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.answers import Answer, ReceivedRequest, Scripted
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Finished
from tests.support.visit import headless, tree

from .test_bad_input import assert_error, assert_shown_to_people

TOO_LARGE = Answer.json({"issuer": "x" * 300_000})


def assert_both(acme: Ltictl, url: str, code: int, name: str, *args: str) -> dict[str, str]:
    """Return the error as JSON; the text says the same."""
    error = assert_error(headless(acme, url, "--json", *args), code, name)
    assert_shown_to_people(headless(acme, url, *args), code, error)
    return error


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(Answer.text("<h1>Log in</h1>"), "configuration_not_json", id="a page"),
        pytest.param(Answer.json([]), "configuration_not_json", id="a list"),
        pytest.param(Answer.text(""), "configuration_not_json", id="nothing"),
        pytest.param(Answer.text("{}", 404), "configuration_unavailable", id="404"),
        pytest.param(Answer.text("{}", 500), "configuration_unavailable", id="500"),
        pytest.param(Answer(204), "configuration_unavailable", id="204"),
        pytest.param(TOO_LARGE, "answer_broken_off", id="too large"),
        pytest.param(Answer.forever(), "answer_broken_off", id="endless"),
        pytest.param(Answer.gzip_bomb(), "answer_broken_off", id="gzip bomb"),
        pytest.param(Answer(200, body=b"{}", close_after=0), "answer_broken_off", id="closed"),
        pytest.param(
            Answer.json({"issuer": "x" * 200}, close_after=200), "answer_broken_off", id="cut off"
        ),
        pytest.param(Answer(raw=b"garbage\r\n\r\n"), "answer_broken_off", id="no HTTP"),
        pytest.param(Answer.redirect("https://other.invalid/"), "redirect_refused", id="away"),
        pytest.param(
            Answer.redirect("/mod/lti/openid-configuration.php"), "redirect_refused", id="circle"
        ),
    ],
)
def test_a_configuration_that_cannot_be_used(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path, answer: Answer, code: str
) -> None:
    playback.on("configuration", answer)
    before = tree(profile)

    assert_both(acme, playback.url("configuration"), 3, code)

    assert tree(profile) == before
    assert playback.requests_to("registration") == []


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"issuer": "https://other.example"}, "issuer_mismatch", "other.example"),
        ({"issuer": ...}, "configuration_incomplete", "issuer"),
        ({"issuer": 5}, "configuration_incomplete", "issuer"),
        ({"token_endpoint": ...}, "configuration_incomplete", "token_endpoint"),
        ({"jwks_uri": ""}, "configuration_incomplete", "jwks_uri"),
        ({"registration_endpoint": ...}, "configuration_incomplete", "registration_endpoint"),
        ({"authorization_endpoint": "/auth"}, "configuration_incomplete", "authorization_endpoint"),
        ({"registration_endpoint": "http://lms.example/r"}, "configuration_insecure", "http"),
    ],
    ids=str,
)
def test_a_configuration_that_is_not_believed(
    acme: Ltictl, playback: PlaybackPlatform, changes: dict[str, Any], code: str, word: str
) -> None:
    merged = playback.configuration | changes
    playback.configuration = {name: value for name, value in merged.items() if value is not ...}

    error = assert_both(acme, playback.url("configuration"), 3, code)

    assert word in error["message"]
    assert playback.requests_to("registration") == []


@pytest.mark.parametrize(
    ("url", "args", "code", "name"),
    [
        ("https://nowhere.invalid/c", (), 3, "host_unknown"),
        ("http://127.0.0.1:9/c", (), 3, "not_connected"),
        ("ftp://lms.example/c", (), 2, "invalid_value"),
        ("lms.example", (), 2, "invalid_value"),
        ("https://user:pw@lms.example/", (), 2, "invalid_value"),
        ("https://lms.example/c", ("--platform", "https://other.example"), 3, "other_platform"),
        ("https://169.254.169.254/latest", (), 3, "address_private"),
        ("https://127.0.0.1/", ("--ca-file", "missing.pem"), 2, "ca_file_unusable"),
    ],
)
def test_an_address_that_leads_nowhere(
    acme: Ltictl, url: str, args: tuple[str, ...], code: int, name: str
) -> None:
    assert_both(acme, url, code, name, *args)


def test_private_addresses_need_permission(acme: Ltictl, playback: PlaybackPlatform) -> None:
    url = playback.url("configuration").replace("http://127.0.0.1", "https://127.0.0.1")
    given = ("register", "--org", "acme", "--yes", "--openid-configuration", url)

    error = assert_error(acme(*given, "--json"), 3, "address_private")

    assert "--allow-private" in error["fix"]
    assert playback.requests == []


def test_without_consent_not_even_the_one_use_link_is_opened(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    given = ("register", "--org", "acme", "--allow-private", "--openid-configuration")

    error = assert_error(acme(*given, playback.url("configuration"), "--json"), 2, "consent_needed")

    assert "--yes" in error["fix"]
    assert playback.requests == []


def test_a_token_file_that_is_not_there(acme: Ltictl, playback: PlaybackPlatform) -> None:
    url = playback.url("configuration")
    args = ("--registration-token-file", "missing")

    error = assert_error(headless(acme, url, *args, "--json", token=""), 2, "token_unreadable")

    assert "missing" in error["message"]


@pytest.mark.parametrize("token", ["tök", "a\nb", "a b", "a\x01b"], ids=repr)
def test_a_token_that_no_header_can_carry_is_refused_before_anything_is_sent(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path, token: str
) -> None:
    before = tree(profile)

    done = headless(acme, playback.url("configuration"), "--json", token=token)

    assert done.code in {2, 3}, done
    assert done.error["code"] not in {"internal_error", "answer_lost"}
    assert token not in done.stdout + done.stderr
    assert tree(profile) == before
    assert playback.requests_to("registration") == []


def test_an_empty_token_file_is_a_mistake(acme: Ltictl, playback: PlaybackPlatform) -> None:
    done: Finished = headless(acme, playback.url("configuration"), "--json", token="\n")

    assert_error(done, 2, "token_empty")
    assert playback.requests == []


def test_a_platform_that_gave_no_token_has_not_lost_one(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    playback.on("registration", Answer.text("missing_registration_token", 401))

    done: Finished = headless(acme, playback.url("configuration"), "--json", token="")

    assert done.code == 3
    assert "authorization" not in playback.requests_to("registration")[0].headers
    assert "The token was sent" not in done.error["why"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer.json({"client_name": "x"}), id="no client_id"),
        pytest.param(Answer.json({"client_id": ""}), id="empty client_id"),
        pytest.param(Answer.json({"client_id": None}, 201), id="null client_id"),
        pytest.param(Answer.text("<h1>Welcome</h1>"), id="a page"),
        pytest.param(Answer(204), id="nothing"),
        pytest.param(Answer.json({"client_id": "a\nb"}), id="a control character"),
    ],
)
def test_an_answer_without_client_id_is_kept_and_blocks_the_next(
    acme: Ltictl, playback: PlaybackPlatform, answer: Answer
) -> None:
    playback.on("registration", answer)
    url = playback.url("configuration")

    first = assert_error(headless(acme, url, "--json"), 3, "answer_unusable")

    assert "recover acme-moodle" in first["fix"]
    listed = acme("list", "--json")
    assert (listed.code, len(listed.json["warnings"])) == (0, 1)
    assert [(e["id"], e["stage"]) for e in listed.data["attempts"]] == [("acme-moodle", "answered")]
    assert_error(headless(acme, url, "--json"), 7, "attempt_unsettled")
    assert len(playback.requests_to("registration")) == 1
    acme("org", "add", "uni-bern")
    assert_error(
        headless(acme, url, "--org", "uni-bern", "--json"), 7, "attempt_unsettled"
    )  # its token
    playback.on("registration", accepting())
    assert headless(acme, url, "--org", "uni-bern", token="another").code == 0


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b"{}", close_after=0), id="closed without a word"),
        pytest.param(Answer.json({"client_id": "c"}, close_after=100), id="cut off"),
        pytest.param(Answer.text("bad gateway", 502), id="502"),
    ],
)
def test_an_outcome_that_nobody_knows_is_kept(
    acme: Ltictl, playback: PlaybackPlatform, answer: Answer
) -> None:
    playback.on("registration", answer)

    done = headless(acme, playback.url("configuration"), "--json")

    assert done.code == 7, done
    assert "ltictl recover acme-moodle" in done.error["fix"]
    assert [each["id"] for each in acme("list", "--json").data["attempts"]] == ["acme-moodle"]
    assert len(playback.requests_to("registration")) == 1


def echo(request: ReceivedRequest) -> Answer:
    return Answer.text(f"who is {request.headers['authorization']}?", 403)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(echo, id="refused with an echo of the token"),
        pytest.param(Answer.text("Incorrect scope", 403), id="refused"),
        pytest.param(Answer.text("failed", 500), id="failed"),
        pytest.param(accepting(), id="accepted"),
    ],
)
def test_the_link_and_the_token_are_shown_nowhere(
    acme: Ltictl, playback: PlaybackPlatform, profile: Path, answer: Scripted
) -> None:
    playback.on("registration", answer)
    url = playback.url("configuration") + "?one-use=CANARY1"

    done = headless(acme, url, "--json", "--verbose", token="CANARY2")

    shown = done.stdout + done.stderr + str(tree(profile))
    assert "CANARY1" not in shown
    assert "CANARY2" not in shown
