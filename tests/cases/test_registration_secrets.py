"""No command prints text from a 2xx registration answer: mutated answers, every command."""

import json
from collections.abc import Iterator
from pathlib import Path

from ltictl.errors import LtictlError
from ltictl.lti.registration_token import token_digest
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.attempt import Answer
from ltictl.model.record import replace
from ltictl.operations.attempts.settle import settle_answer
from ltictl.operations.context import Context
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl

CANARY = "finch-3Kq8zR5vWm1Xc7Lp0TnBy"
PIECES = [CANARY[start : start + 10] for start in range(len(CANARY) - 9)]
GOOD = {
    "client_id": "client-1",
    "registration_access_token": CANARY,
    "registration_client_uri": "https://lms.example/clients/1",
    "client_secret": CANARY,
    TOOL_CONFIGURATION: {"deployment_id": "5"},
}
MANY = 200


def mutated() -> Iterator[bytes]:
    """Answers that begin with the canary, break off in it, repeat it, or are no JSON at all."""
    text = json.dumps(GOOD)
    for cut in range(20, len(text), 2):
        yield text[:cut].encode()
    for notice in ("OK", "<b>Notice</b>: x\n", f"debug {CANARY}\n", "\ufeff", ")]}',\n"):
        for after in ("", "<!-- done -->", CANARY, text):
            yield f"{notice}{text}{after}".encode()
    yield from with_odd_members()
    for name in ("error", "error_description", "message", "detail", "title", "errors"):
        yield json.dumps({name: CANARY}).encode()
        yield json.dumps({name: [{"field": CANARY, "message": CANARY}]}).encode()
        yield json.dumps(GOOD | {name: CANARY, "client_id": None}).encode()
    yield json.dumps([GOOD]).encode()
    yield json.dumps({"data": GOOD}).encode()
    yield json.dumps(text).encode()
    yield text.replace('"5"', "Infinity").encode()
    yield text.replace('{"client_id"', '{"client_id": "x", "client_id"').encode()
    yield f"client_id=1&registration_access_token={CANARY}".encode()
    yield CANARY.encode()
    yield text.encode("utf-16")
    yield f'<html><title>{CANARY}</title><p class="errormessage">{CANARY}</p>'.encode()


def with_odd_members() -> Iterator[bytes]:
    """Answers with one member of another type or value; the canary is in secret ones only."""
    odd: tuple[object, ...] = (None, 7, "", [], {"x": 1}, "a\nb", "x" * 300)
    plain: list[tuple[str, object]] = [(name, value) for name in GOOD for value in odd]
    secret: list[tuple[str, object]] = [
        (name, value)
        for name in ("registration_access_token", "client_secret")
        for value in ([CANARY], {"x": CANARY}, f"{CANARY}\n", CANARY * 20)
    ]
    for name, value in (*plain, *secret):
        yield json.dumps(GOOD | {name: value}).encode()


def is_silent(text: str) -> bool:
    return not any(piece in text for piece in PIECES)


def settle(context: Context, identifier: str, body: bytes) -> str:
    """An answer's words that a person could read: the error, or nothing if it was stored."""
    digest = token_digest(f"token-of-{identifier}")
    attempt = replace(things.attempt(identifier), token_sha256=digest)
    journal = context.profile.attempts.begin(attempt)
    journal.note_sent(things.NOW)
    answer = Answer(200, "application/json", body)
    journal.note_answered(answer)
    journal.close()
    try:
        done = settle_answer(context, attempt.answered(answer))
    except LtictlError as error:
        return repr((error.message, error.why, error.fix, error.data))
    return repr(done.warnings)


def test_no_command_shows_a_secret_of_an_answer(acme: Ltictl, profile: Path) -> None:
    bodies = list(mutated())
    assert len(bodies) >= MANY
    context = Context(Profile(profile))
    for number, body in enumerate(bodies):
        shown = settle(context, f"acme-moodle-{number + 2}", body)
        assert is_silent(shown), (body, shown)

    attempts = context.profile.attempts.ids()
    integrations = context.profile.integrations.ids()
    assert attempts
    assert integrations
    commands = (
        ("list", "--json"),
        ("list",),
        ("list", "--needs-attention", "--json"),
        ("doctor", "--offline", "--json"),
        ("doctor", "--offline"),
        ("recover", "--json"),
        *(("recover", each, "--json") for each in attempts[:3]),
        *(("show", each) for each in integrations[:3]),
        ("show", integrations[0], "--json"),
        ("export", "json", "--all"),
        ("config", "--json"),
    )
    for command in commands:
        done = acme(*command)
        assert is_silent(done.stdout + done.stderr), command
    for document in (profile / "integrations").iterdir():
        assert is_silent(document.read_text("utf-8")), document.name
