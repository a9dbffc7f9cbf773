"""Each error that an LMS's administrator can meet is on the page in the visitor's language."""

import html
import json
import re
from collections.abc import Iterator

import pytest

from ltictl.callback.desk import Outcome, Result
from ltictl.callback.languages import LANGUAGES, is_spoken, speaking
from ltictl.callback.pages import Pages
from ltictl.callback.texts import text
from ltictl.errors import LtictlError, OperatorWarning, RefusedError
from ltictl.lti.answer import UnusableAnswerError, read_registration
from ltictl.lti.configuration import judge_configuration
from ltictl.lti.refusal import read_refusal
from ltictl.lti.vocabulary import MESSAGE_MEANING, SCOPES
from ltictl.model.attempt import Answer, AttemptKind
from ltictl.model.sentence import Sentence
from ltictl.model.tool import Message, Tool
from ltictl.model.web_address import WebAddress
from ltictl.net.failures import Failure, failure
from ltictl.net.reply import Reply
from ltictl.operations.attempts.exchange import answer_lost
from ltictl.operations.attempts.settle import platform_failed
from ltictl.operations.invite import ASK_FOR_ANOTHER
from ltictl.operations.lms_facts.absent_configuration import absent_configuration
from ltictl.operations.registration.page_results import page_fix
from ltictl.operations.requests import request_for
from ltictl.platforms.shape import Listed
from ltictl.platforms.table import all_families, explain_refusal, family_of
from tests.support import foreign, things
from tests.support.recordings import all_in

OTHERS = [tag for tag in LANGUAGES if tag != "en"]
ADDRESS = WebAddress.parse("https://lms.example/openid", "openid_configuration")
PAGES = Pages("/register", "https:")
# What only English sentences hold.
ENGLISH = re.compile(
    r"\b(the|this|with|your|cannot|there|and|was|which|that|from|been|would|should|before|again|"
    r"its|into|sent|used|answered)\b",
    re.IGNORECASE,
)
# Dutch has these words too.
DUTCH = frozenset({"was"})
# Family, folder and name of recorded refusals.
FOREIGN = (
    ("ilias", "ilias-released", "registration-405-3"),
    ("ilias", "ilias-released", "registration-500-2"),
    ("ilias", "ilias-trunk", "registration-401"),
    ("lms", "lms-simulator", "registration-401-2"),
    ("lms", "lti-toolkit", "registration-400"),
    ("lms", "lti-toolkit", "registration-400-2"),
)
_QUOTED = re.compile(r"[„“«\u2018”「].*?[“”»\u2019」]", re.DOTALL)
_TAGS = re.compile(r"<(style|script)\b.*?</\1>|<nav\b.*?</nav>|<[^>]+>", re.DOTALL)


def refusals() -> Iterator[LtictlError]:
    """The words of recorded LMSs, and every cause that a family knows."""
    for folder in ("03-registration-token", "04-registration-request", "07-update"):
        for each in all_in(folder):
            if 400 <= each.response.status < 500:
                yield explained("moodle", each.response.status, each.response.body)
    for family, folder, name in FOREIGN:
        answer = foreign.answer(folder, name)
        yield explained(family, answer.status, answer.body)
    for lms in all_families():
        for table in (lms.causes, lms.statuses, lms.mentions):
            for cause in table.values():
                yield RefusedError(
                    "x", ASK_FOR_ANOTHER, why=cause.why, fix=cause.fix, actor=cause.actor
                )


def explained(family: str, status: int, body: bytes) -> LtictlError:
    return explain_refusal(family_of(family), read_refusal(status, body), "lms.example")


def network_failures() -> Iterator[LtictlError]:
    for kind in Failure:
        if kind not in {Failure.CA_FILE, Failure.MALFORMED}:
            yield failure(kind, ADDRESS, Sentence("within {seconds} s", seconds="10"))
    yield failure(Failure.NOT_CONNECTED, ADDRESS, "(errno 111)")


def absent_configurations() -> Iterator[LtictlError]:
    for status in (403, 404, 410, 429, 500, 503):
        for body in (b"", b"<html><title>Oh</title>", b'{"error": "Oh"}'):
            yield absent_configuration(Reply(status, {}, body, ADDRESS))


WHOLE = {
    "issuer": "https://lms.example",
    "authorization_endpoint": "https://lms.example/a",
    "token_endpoint": "https://lms.example/t",
    "jwks_uri": "https://lms.example/k",
    "registration_endpoint": "https://lms.example/r",
}


def unusable_configurations() -> Iterator[LtictlError]:
    documents: list[bytes] = [
        b"[]",
        b"<html><title>Log in</title>",
        b"<html>",
        b"\xff",
        b'{"a": 1, "a": 2}',
        b"{" * 3,
        b'Notice: Undefined index: x in /y {"issuer": "https://lms.example"}',
        b'{"a": 1e999}',
    ]
    documents += [json.dumps(WHOLE | {name: ""}).encode() for name in WHOLE]
    documents += [
        json.dumps(WHOLE | {"issuer": each}).encode()
        for each in ("https://else.example", "https://lms.example?x=1")
    ]
    documents.append(json.dumps(WHOLE | {"token_endpoint": "http://lms.example/t"}).encode())
    for document in documents:
        try:
            judge_configuration(document, ADDRESS)
        except LtictlError as error:
            yield error
        else:
            raise AssertionError(document)


def attempts_left() -> Iterator[LtictlError]:
    """An LMS that failed, or whose answer did not arrive, after the request was sent."""
    for kind in (AttemptKind.REGISTRATION, AttemptKind.UPDATE):
        left = things.attempt(kind=kind)
        yield answer_lost(left, failure(Failure.TIMED_OUT, ADDRESS, "(30 s)"))
        yield platform_failed(left, Answer(502, "text/html", b"<title>Oh</title>", complete=True))


def warnings() -> tuple[str, ...]:
    """Oddities of a configuration, and everything that families leave out of a request."""
    odd = WHOLE | {"id_token_signing_alg_values_supported": ["HS256"]}
    odd_ones = list(judge_configuration(json.dumps(odd).encode(), ADDRESS).warnings)
    site = "https://tool.example"
    tool = Tool(
        name="Tool",
        url=site,
        initiate_login_uri=f"{site}/login",
        target_link_uri=f"{site}/launch",
        redirect_uris=(f"{site}/launch",),
        jwks_uri=f"{site}/jwks",
        scopes=(*SCOPES.values(), "https://tool.example/scope/odd"),
        contacts=("somebody",),
        custom_parameters={"a": "b\nc"},
        messages=tuple(
            Message(type=each, label="Label", placements=("Odd",))
            for each in (*MESSAGE_MEANING, "Odd")
        ),
    )
    for family in all_families():
        odd_ones += request_for(tool, family, "id", Listed(scopes=("openid",))).warnings
    return tuple(each for each in odd_ones if not isinstance(each, OperatorWarning))


def seen(page: bytes) -> str:
    words = html.unescape(_TAGS.sub(" ", page.decode()))
    return _QUOTED.sub(" ", words)


def shown(error: LtictlError) -> tuple[bytes, bytes]:
    """The pages of an error before and after the request was sent."""
    fix = page_fix(error)
    before = LtictlError(error.code, error.message, why=error.why, fix=fix)
    after = Result(Outcome.REFUSED, error.message, error.why, fix)
    return bytes(PAGES.failure(before).body), bytes(PAGES.result(after, visit="v").body)


ERRORS = {
    "refusals": refusals,
    "network": network_failures,
    "no configuration": absent_configurations,
    "unusable configurations": unusable_configurations,
    "lost attempts": attempts_left,
}


@pytest.mark.parametrize("tag", OTHERS)
def test_no_english_sentence_in_an_error(tag: str) -> None:
    for kind, errors in ERRORS.items():
        for error in errors():
            with speaking(tag):
                pages = shown(error)
            for page in pages:
                case = f"{tag}: {kind}: {error.message} {error.why} {error.fix}"
                assert b'id="original"' not in page, case
                found = {each.lower() for each in ENGLISH.findall(seen(page))}
                assert found - (DUTCH if tag in {"nl", "de"} else set()) == set(), case


@pytest.mark.parametrize("tag", OTHERS)
def test_no_english_sentence_in_a_warning(tag: str) -> None:
    every = warnings()
    assert len(every) > 20
    for warning in every:
        with speaking(tag):
            done = Result(Outcome.REGISTERED, text("cancelled"), warnings=(warning,))
            page = bytes(PAGES.result(done).body)
        assert b'id="original"' not in page, f"{tag}: {warning}"
        found = {each.lower() for each in ENGLISH.findall(seen(page))}
        assert found - (DUTCH if tag in {"nl", "de"} else set()) == set(), f"{tag}: {warning}"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"client_id": "a", "client_id": "b"}'])
def test_no_english_reason_why_an_answer_is_unusable(body: bytes) -> None:
    with pytest.raises(UnusableAnswerError) as raised:
        read_registration(Answer(200, "text/html", body))

    for tag in OTHERS:
        with speaking(tag):
            assert is_spoken(raised.value.problem), f"{tag}: {raised.value}"
