"""Registration answers as LMSs and the proxies before them send them, and the stored result."""

import codecs
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.lti.kept_answer import KeptIds, kept_ids
from ltictl.lti.registration_token import token_digest
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.attempt import Answer, Attempt
from ltictl.model.record import replace
from ltictl.operations.attempts.settle import Registered, settle_answer
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.operations.registration.recover import adopt, adopt_client, can_adopt, kept_words
from ltictl.store.profile import Profile
from tests.support import things

CANARY = "rat-7Qx2vT9mKp4WzL8"
TOKEN = "eyJhbGciOi.JSUzI1NiJ9.c2lnbmF0dXJl-of-the-lms"
GOOD = {
    "client_id": "KuN3w2rQpHTxZzS",
    "registration_access_token": CANARY,
    "scope": "openid",
    TOOL_CONFIGURATION: {"deployment_id": "5"},
}
TEXT = json.dumps(GOOD)
BYTES = TEXT.encode()
STORED, ADOPTED, BY_HAND, REFUSED, FAILED = "stored", "adopted", "by hand", "refused", "failed"


class Case(NamedTuple):
    """One answer: its outcome, the ids that are known then, and words that matter."""

    name: str
    body: bytes
    outcome: str
    client_id: str = "KuN3w2rQpHTxZzS"
    deployment: str = "5"
    words: str = ""
    status: int = 200
    complete: bool = True


def changed(**members: Any) -> bytes:
    return json.dumps(GOOD | members).encode()


NOTICE = b"<br />\n<b>Warning</b>: Undefined array key in <b>/var/lti.php</b> on line <b>7</b>\n"
TWICE = TEXT[:-1].encode() + b', "client_id": "KuN3w2rQpHTxZzS"}'
OTHER = TEXT[:-1].encode() + b', "client_id": "another"}'
CASES = (
    Case("as it should be", BYTES, STORED),
    Case("201", BYTES, STORED, status=201),
    Case("202", BYTES, STORED, status=202),
    Case("byte order mark", codecs.BOM_UTF8 + BYTES, STORED),
    Case("blanks around", b"\r\n \t" + BYTES + b"\n\n", STORED),
    Case("client_id as a number", changed(client_id=42), STORED, "42"),
    Case(
        "deployment_id as a number",
        changed(**{TOOL_CONFIGURATION: {"deployment_id": 7}}),
        STORED,
        deployment="7",
    ),
    Case(
        "deployment_id at the top",
        json.dumps({"client_id": "a", "deployment_id": "9:x"}).encode(),
        STORED,
        "a",
        "9:x",
    ),
    Case("no deployment_id", b'{"client_id": "a"}', STORED, "a", ""),
    Case(
        "deployment_id that is a list",
        changed(**{TOOL_CONFIGURATION: {"deployment_id": ["5"]}}),
        STORED,
        deployment="",
    ),
    Case(
        "tool configuration that is a list",
        changed(**{TOOL_CONFIGURATION: []}),
        STORED,
        deployment="",
    ),
    Case("scope that is a list", changed(scope=["a"]), STORED),
    Case(
        "members of other types",
        changed(registration_client_uri=7, registration_access_token=[]),
        STORED,
    ),
    Case("escapes", BYTES.replace(b"KuN3", b"\\u004buN3"), STORED),
    Case("notice before", NOTICE + BYTES, ADOPTED),
    Case("one word before", b"OK" + BYTES, ADOPTED),
    Case("byte order mark after a notice", NOTICE + codecs.BOM_UTF8 + BYTES, ADOPTED),
    Case("page after", BYTES + b"<!-- served in 12 ms -->", ADOPTED),
    Case("notice around", NOTICE + BYTES + NOTICE, ADOPTED),
    Case("other object before", b'{"debug": true}\n' + BYTES, ADOPTED),
    Case("twice the same document", BYTES + BYTES, ADOPTED),
    Case("member twice, alike", TWICE, ADOPTED),
    Case("within another object", b'{"data": ' + BYTES + b"}", ADOPTED),
    Case("within a list", b"[" + BYTES + b"]", ADOPTED),
    Case("callback of JavaScript", b"callback(" + BYTES + b");", ADOPTED),
    Case("guard against inclusion", b")]}',\n" + BYTES, ADOPTED),
    Case("UTF-16", TEXT.encode("utf-16"), ADOPTED),
    Case("zero bytes after", BYTES + b"\0\0", ADOPTED),
    Case("Latin-1 in a notice", "Größe: ".encode("latin-1") + BYTES, ADOPTED),
    Case("whole, but the connection broke", BYTES, ADOPTED, complete=False),
    Case("last brace missing", BYTES[:-1], BY_HAND),
    Case("broken off after the client", BYTES[:40], BY_HAND, deployment=""),
    Case("broken off in the deployment", BYTES[:-4], BY_HAND, deployment="", complete=False),
    Case("number that broke off", b'{"client_id": 17000000', BY_HAND, "", ""),
    Case("member twice, two values", OTHER, BY_HAND, "", "5"),
    Case("Infinity", BYTES[:-1] + b', "x": Infinity}', BY_HAND),
    Case("broken off in the client_id", BYTES[:20], BY_HAND, "", ""),
    Case("no client_id", b'{"scope": "openid"}', BY_HAND, "", ""),
    Case("client_id null", b'{"client_id": null}', BY_HAND, "", ""),
    Case("client_id true", b'{"client_id": true}', BY_HAND, "", ""),
    Case("client_id empty", b'{"client_id": ""}', BY_HAND, "", ""),
    Case("client_id with a line break", b'{"client_id": "a\\nb"}', BY_HAND, "", ""),
    Case("client_id too long", b'{"client_id": "' + b"x" * 256 + b'"}', BY_HAND, "", ""),
    Case("client_id half a character", b'{"client_id": "\\ud800"}', BY_HAND, "", ""),
    Case("nothing", b"", BY_HAND, "", ""),
    Case("204 without a body", b"", BY_HAND, "", "", status=204),
    Case("login page", b"<html><title>Log in</title></html>", BY_HAND, "", ""),
    Case("nested too deeply", b"[" * 5000, BY_HAND, "", ""),
    Case("error with 200", b'{"error": "invalid_token"}', BY_HAND, "", ""),
    Case("many beginnings", b'{"' * 2000, BY_HAND, "", ""),
    Case(
        "field of a refusal",
        b'{"errors": [{"field": "scopes", "message": "cannot contain openid"}]}',
        REFUSED,
        words="scopes",
        status=422,
    ),
    Case(
        "refusal that repeats the token",
        f'{{"error": "bad token={TOKEN}!"}}'.encode(),
        REFUSED,
        words="[token]",
        status=400,
    ),
    Case("redirect", b"", REFUSED, words="302", status=302),
    Case("failed", b'{"error": "database"}', FAILED, words="database", status=500),
    Case("failed, with what it made", BYTES, FAILED, status=502),
)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        context = Context(Profile(Path(folder) / "profile"))
        initialise(context, name="Example Tool", url="https://tool.invalid")
        add_organization(context, "acme", "Acme School")
        yield context.profile.root


@contextmanager
def answered(template: Path, answer: Answer) -> Iterator[tuple[Context, Attempt]]:
    """A profile with one attempt, whose answer is kept."""
    import shutil

    with TemporaryDirectory() as folder:
        shutil.copytree(template, Path(folder) / "profile")
        context = Context(Profile(Path(folder) / "profile"))
        attempt = replace(
            things.attempt("acme-moodle"), token_sha256=token_digest(TOKEN), token_length=len(TOKEN)
        )
        journal = context.profile.attempts.begin(attempt)
        journal.note_sent(things.NOW)
        journal.note_answered(answer)
        journal.close()
        yield context, attempt.answered(answer)


def sentences_of(error: LtictlError) -> str:
    return repr((error.message, error.why, error.fix, error.data))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_answer_has_its_outcome(case: Case, template: Path) -> None:
    answer = Answer(case.status, "application/json", case.body, complete=case.complete)
    with answered(template, answer) as (context, attempt):
        ids = (case.client_id, case.deployment)
        if case.outcome == STORED:
            assert known(settle_answer(context, attempt)) == ids
            return
        with pytest.raises(LtictlError) as caught:
            settle_answer(context, attempt)
        error = sentences_of(caught.value)
        assert CANARY not in error + kept_words(attempt) or case.status >= 500
        assert TOKEN not in error
        assert case.words in error
        if case.outcome == REFUSED:
            assert context.profile.attempts.ids() == []
            return
        assert can_adopt(attempt) == (case.outcome == ADOPTED)
        assert ("--adopt" in error) == (case.outcome == ADOPTED)
        assert kept_ids(answer) == (KeptIds() if case.status == 500 else KeptIds(*ids))
        if case.outcome == ADOPTED:
            assert known(adopt(context, "acme-moodle")) == ids
            assert context.profile.secrets.get("acme-moodle", "registration_access_token") == CANARY
        else:
            done = adopt_client(context, "acme-moodle", case.client_id or "as-read")
            expected = case.deployment if case.status != 500 else ""
            assert known(done) == (case.client_id or "as-read", expected)
        assert context.profile.attempts.ids() == []


def known(registered: Registered) -> tuple[str, str]:
    integration = registered.integration
    deployments = [each.id for each in integration.deployments]
    return integration.client_id, "".join(deployments)


def test_another_client_id_takes_nothing_from_the_answer(template: Path) -> None:
    with answered(template, Answer(200, "", NOTICE + BYTES)) as (context, _):
        assert known(adopt_client(context, "acme-moodle", "another")) == ("another", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
MEMBERS = st.fixed_dictionaries(
    {"registration_access_token": st.just(CANARY)},
    optional={
        "client_id": JSON,
        "deployment_id": JSON,
        "scope": JSON,
        "registration_client_uri": JSON,
        TOOL_CONFIGURATION: JSON,
    },
)


@settings(max_examples=60)  # each example has a profile of its own
@given(value=JSON | MEMBERS, before=st.sampled_from([b"", codecs.BOM_UTF8, NOTICE, b"x"]))
def test_no_json_value_is_too_much(template: Path, value: Any, before: bytes) -> None:
    answer = Answer(200, "application/json", before + json.dumps(value).encode())
    with answered(template, answer) as (context, attempt):
        error = failure(context, attempt)
        if error is None:
            return
        assert CANARY not in sentences_of(error) + kept_words(attempt)
        assert can_adopt(attempt) == ("--adopt" in error.fix)
        if can_adopt(attempt):
            adopt(context, "acme-moodle")


def failure(context: Context, attempt: Attempt) -> LtictlError | None:
    """The error of settling, which is the only kind of exception; none where it was stored."""
    try:
        settle_answer(context, attempt)
    except LtictlError as error:
        return error
    return None


@given(st.binary())
def test_no_bytes_are_too_much(body: bytes) -> None:
    found = kept_ids(Answer(200, "", body))

    assert isinstance(found.client_id, str)
    assert isinstance(found.deployment_id, str)
