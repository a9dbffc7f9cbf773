"""Wrong addresses, wrong places and missing rights: true messages with fixes that can be pasted."""

from pathlib import Path

import pytest

from ltictl.sandbox.server import Sandbox
from tests.support.answers import Answer

from .conftest import Lms, Run

ID = "acme-canvas"
PAGE = Answer.text("<html><title>Log in</title></html>", content_type="text/html")
COMMANDS: list[tuple[str, ...]] = [
    ("lms", "login", "acme", "--platform", "URL", "--family", "canvas"),
    ("lms", "login", "acme", "--platform", "URL", "--family", "moodle"),
    ("lms", "activate", ID, "--yes"),
    ("lms", "deployments", ID),
    ("remove", ID, "--at-lms", "--yes"),
]


@pytest.fixture
def token(tmp_path: Path) -> str:
    (file := tmp_path / "some-token").write_text("a~token-of-somebody")
    return str(file)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_page_instead_of_json_is_no_success(
    run: Run,
    lms: Lms,
    token: str,
    command: tuple[str, ...],
) -> None:
    lms.answer = lambda _: PAGE
    words = [word.replace("URL", lms.url) for word in command]

    done = run(*words, "--token-file", token, "--json")

    assert (done.code, done.error) == (1, "lms_answer_unusable")
    assert "is no JSON" in done.envelope["error"]["message"]
    assert lms.url in done.envelope["error"]["fix"]


@pytest.mark.parametrize(
    ("answer", "why", "fix"),
    [
        (Answer.redirect("https://sso.example/"), "login page", "the LMS itself has"),
        (Answer.text("no", 403), "lacks a right", "ltictl lms login acme --platform URL"),
        (Answer.text("no", 401), "wrong, expired", "+ New Access Token"),
    ],
    ids=["redirect", "missing right", "wrong token"],
)
def test_a_refusal_has_its_cause_and_a_fix_for_this_lms(
    run: Run,
    lms: Lms,
    token: str,
    answer: Answer,
    why: str,
    fix: str,
) -> None:
    lms.answer = lambda _: answer

    done = run("lms", "activate", ID, "--yes", "--token-file", token, "--json")

    assert (done.code, done.error) == (3, "lms_refused")
    assert why in done.envelope["error"]["why"]
    assert fix.replace("URL", lms.url) in done.envelope["error"]["fix"]


def test_an_unknown_address_names_the_command_with_the_kind(
    run: Run,
    lms: Lms,
    token: str,
) -> None:
    done = run(
        *("register", "--org", "acme", "--via-lms", "--platform", f"{lms.url}/x"),
        *("--token-file", token, "--yes", "--json"),
    )

    assert (done.code, done.error) == (1, "lms_family_unknown")
    assert f"ltictl lms login acme --platform {lms.url}/x --family" in done.envelope["error"]["fix"]


def via(run: Run, canvas: Sandbox, token_file: str, *more: str) -> tuple[int, str]:
    done = run(
        *("register", "--org", "acme", "--via-lms", "--platform", canvas.base_url),
        *("--token-file", token_file, "--yes", *more),
    )
    return done.code, done.stderr


def test_a_registration_names_the_remaining_steps_through_the_interface(
    run: Run, canvas: Sandbox, token_file: str
) -> None:
    code, said = via(run, canvas, token_file)

    assert code == 0
    assert f"ltictl lms activate {ID}" in said
    assert f"ltictl lms deploy {ID}" in said
    assert "Enable & Close" not in said


def test_a_missing_place_is_named_beside_the_registration(
    run: Run, canvas: Sandbox, token_file: str
) -> None:
    code, said = via(run, canvas, token_file, "--deploy", "course:999")
    again, _ = via(run, canvas, token_file, "--deploy", "course:101")

    assert code == 3
    assert f"{ID} is registered" in said
    assert (again, len(canvas.lms.tools())) == (0, 1)


def test_a_kind_of_place_that_the_lms_lacks_is_named_with_those_it_has(
    run: Run, canvas: Sandbox, token_file: str
) -> None:
    via(run, canvas, token_file)

    done = run(
        *("lms", "deploy", ID, "--org-unit", "6606", "--yes", "--token-file", token_file, "--json")
    )

    assert (done.code, done.error) == (2, "invalid_value")
    assert "--account ID or --course ID" in done.envelope["error"]["fix"]
