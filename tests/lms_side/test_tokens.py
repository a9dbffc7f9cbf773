"""An administrator's token never appears in any command's output, even after a failure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ltictl.model.record import replace
from ltictl.operations.context import Context
from tests.support.answers import Answer, ReceivedRequest

from .conftest import Done, Lms, Run

CANARY = "canary~Adm1nT0ken-5up3r-s3cret"
ID = "acme-canvas"


def echo(request: ReceivedRequest) -> dict[str, Any]:
    return {"errors": [{"message": f"no: {request.headers.get('authorization')}"}]}


# What an LMS, or what stands before it, may answer to anything.
ANSWERS: dict[str, Callable[[ReceivedRequest], Answer]] = {
    "an echo of the header": lambda request: Answer.json(echo(request), 403),
    "an echo with success": lambda request: Answer.json(
        {"id": CANARY, "name": CANARY} | echo(request)
    ),
    "a page": lambda request: Answer.text(f"<h1>{request.headers.get('authorization')}</h1>", 500),
    "a redirect": lambda _: Answer.redirect(f"https://other.example/?access_token={CANARY}"),
    "an escaped echo": lambda request: Answer.text(
        quote(str(echo(request))).replace("~", "%7E"), 401
    ),
    "no JSON": lambda _: Answer.text(f"{{{CANARY}", content_type="application/json"),
    "a cut answer": lambda _: Answer(200, body=CANARY.encode() * 9, close_after=90),
    "nothing": lambda _: Answer(200, close_after=0),
}
COMMANDS: list[tuple[str, ...]] = [
    ("lms", "login", "acme", "--platform", "URL", "--family", "canvas"),
    ("lms", "login", "acme", "--platform", "URL"),
    ("lms", "status", ID),
    ("lms", "status", "--all"),
    ("lms", "activate", ID, "--yes"),
    ("lms", "activate", ID, "--dry-run"),
    ("lms", "deactivate", ID, "--yes"),
    ("lms", "deploy", ID, "--course", "7", "--yes"),
    ("lms", "deployments", ID),
    ("lms", "accept-update", ID, "--yes"),
    ("register", "--org", "acme", "--via-lms", "--platform", "URL", "--yes"),
    ("verify", ID),
    ("recover", ID, "--probe", "--yes"),
    ("remove", ID, "--at-lms", "--dry-run"),
    ("apply", "WANTED", "--yes"),
    ("remove", ID, "--at-lms", "--yes"),
]
WANTED = """
[[integrations]]
id = "acme-canvas"
lms = { state = "on", deploy = ["root"] }
"""


def assert_unseen(done: Done, context: Context) -> None:
    for text in (done.stdout, done.stderr):
        assert CANARY not in text, text
        assert CANARY.replace("~", "%7E") not in text, text
        assert "Traceback" not in text
    assert "internal_error" not in done.stdout, done
    for path in Path(context.profile.place).rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_command_shows_the_token_with_any_answer_of_the_lms(
    run: Run,
    context: Context,
    lms: Lms,
    tmp_path: Path,
    answer: Callable[[ReceivedRequest], Answer],
) -> None:
    lms.answer = answer
    source = tmp_path / "token"
    source.write_text(CANARY)

    wanted = tmp_path / "wanted.toml"
    wanted.write_text(WANTED)

    for number, command in enumerate(COMMANDS):
        words = [word.replace("URL", lms.url).replace("WANTED", str(wanted)) for word in command]
        way = "--json" if (number + list(ANSWERS.values()).index(answer)) % 2 else "--verbose"
        done = run(*words, "--token-file", str(source), way)
        assert_unseen(done, context)
        for identifier in context.profile.attempts.ids():
            run("recover", identifier, "--forget", "--yes")


def test_the_token_goes_to_its_own_lms_only(
    run: Run, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTICTL_LMS_TOKEN", CANARY)
    monkeypatch.setenv("LTICTL_LMS_URL", "https://another.example")

    done = run("lms", "status", ID, "--json")

    assert done.code == 8
    assert done.data["integrations"][0]["error"]["code"] == "lms_token_missing"
    assert all(CANARY not in str(each.headers) for each in lms.requests)


def test_one_token_for_two_lmss_is_refused(
    run: Run, context: Context, lms: Lms, tmp_path: Path
) -> None:
    known = context.profile.integrations.get(ID)
    other = replace(
        known.platform,
        issuer="https://b.example",
        registration_endpoint="https://b.example/api/lti/registrations",
    )
    context.profile.integrations.add(replace(known, id="acme-canvas-2", platform=other))
    source = tmp_path / "token"
    source.write_text(CANARY)

    done = run("lms", "status", "--all", "--token-file", str(source), "--json")

    assert (done.code, done.error) == (2, "token_for_one_lms")
    assert lms.requests == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "token_empty"),
        (b" \n", "token_empty"),
        (b"\xff\xfe", "token_unreadable"),
        ("tök".encode(), "token_unreadable"),
        (b"a\x00b", "token_unreadable"),
    ],
)
def test_a_file_without_a_token_is_an_error(
    run: Run, lms: Lms, tmp_path: Path, content: bytes, code: str
) -> None:
    source = tmp_path / "token"
    source.write_bytes(content)

    done = run("lms", "status", ID, "--token-file", str(source), "--json")

    assert (done.code, done.error, lms.requests) == (2, code, [])


def test_a_hosted_lms_that_many_schools_share_gets_no_token(
    run: Run, context: Context, lms: Lms, tmp_path: Path
) -> None:
    known = context.profile.integrations.get(ID)
    shared = replace(
        known.platform, issuer="https://canvas.instructure.com", registration_endpoint=""
    )
    context.profile.integrations.change(ID, lambda each: replace(each, platform=shared))
    source = tmp_path / "token"
    source.write_text(CANARY)

    done = run("lms", "status", ID, "--token-file", str(source), "--json")

    assert done.data["integrations"][0]["error"]["code"] == "lms_address_unknown"
    assert lms.requests == []
