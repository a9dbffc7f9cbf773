"""Registration answers in all the forms that LMSs send."""

import json
from typing import Any

import pytest

from ltictl.lti.answer import (
    RegistrationAnswer,
    UnusableAnswerError,
    read_registration,
)
from ltictl.lti.refusal import read_refusal
from ltictl.model.attempt import Answer

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"


def answer(value: Any, status: int = 200, content_type: str = "application/json") -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, content_type, body)


def read(**members: Any) -> RegistrationAnswer:
    return read_registration(answer({"client_id": "c1"} | members))


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "", "nonsense;;"])
@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_success_with_a_client_id_counts(status: int, content_type: str) -> None:
    found = read_registration(answer({"client_id": "c1"}, status, content_type))

    assert (found.client_id, found.deployment_id, found.scopes) == ("c1", "", None)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("members", "deployment"),
    [
        ({TOOL: {"deployment_id": "7"}}, "7"),
        ({"deployment_id": "7"}, "7"),
        ({"deployment_id": "1", TOOL: {"deployment_id": "7"}}, "7"),
        ({"deployment_id": "1", TOOL: {"deployment_id": None}}, "1"),
        ({TOOL: {"deployment_id": 7}}, "7"),
        ({TOOL: {}}, ""),
        ({TOOL: []}, ""),
        ({TOOL: {"deployment_id": ""}}, ""),
        ({TOOL: {"deployment_id": ["7"]}}, ""),
        ({TOOL: {"deployment_id": "x" * 256}}, ""),
        ({TOOL: {"deployment_id": True}}, ""),
    ],
    ids=str,
)
def test_the_deployment_is_found_where_lms_put_it(members: dict[str, Any], deployment: str) -> None:
    found = read(**members)

    assert found.deployment_id == deployment
    odd = "deployment_id" in json.dumps(members) and deployment == ""
    assert bool(found.warnings) == (odd or members == {TOOL: {"deployment_id": 7}})


@pytest.mark.parametrize(
    ("client_id", "kept"),
    [("a b", "a b"), (5, "5"), (10**20, str(10**20)), ("ü", "ü"), ("x" * 255, "x" * 255)],
)
def test_a_client_id_is_kept_as_it_is(client_id: object, kept: str) -> None:
    assert read(client_id=client_id).client_id == kept


@pytest.mark.parametrize(
    "client_id", [None, "", True, 1.5, [], {}, "x" * 256, "a\nb", "a\x00", "\u202e"], ids=repr
)
def test_a_client_id_that_cannot_be_one_is_no_registration(client_id: object) -> None:
    with pytest.raises(UnusableAnswerError, match="client_id"):
        read(client_id=client_id)


def test_an_answer_that_broke_off_is_unusable_even_if_it_could_be_read() -> None:
    with pytest.raises(UnusableAnswerError, match="broke off"):
        read_registration(Answer(200, "", b'{"client_id": "c1"}', complete=False))


def test_secrets_are_taken_out_and_all_else_is_kept() -> None:
    members = {"registration_access_token": "S1", "client_secret": "S2", "x": {"y": [1, None, "ü"]}}

    found = read(registration_client_uri="https://lms.example/r/1", **members)

    assert (found.access_token, found.client_uri) == ("S1", "https://lms.example/r/1")
    kept = {"client_id": "c1", "registration_client_uri": found.client_uri, "x": members["x"]}
    assert json.loads(found.document) == kept


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [("a b", ("a", "b")), ("b a b", ("b", "a")), ("", ()), (None, None), (["a"], None)],
)
def test_scopes_are_what_the_lms_says(scope: object, scopes: object) -> None:
    assert read(scope=scope).scopes == scopes


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", "", ""),
        (b"missing_domain", "missing_domain", "missing_domain"),
        (b"  Incorrect scope\n", "Incorrect scope", "Incorrect scope"),
        ({"error": "invalid_redirect_uri"}, "invalid_redirect_uri", "invalid_redirect_uri"),
        ({"error": "e", "error_description": "d"}, "e", "e: d"),
        ({"errors": ["one", "two"]}, "", "one; two"),
        ({"errors": [{"message": "one", "field": "f"}]}, "", "f: one"),
        ({"errors": {"scope": "bad"}}, "", "scope: bad"),
        ({"errorMessage": "wrong"}, "", "wrong"),
        ({"message": "wrong"}, "", "wrong"),
        ({"error": {"message": "no"}}, "", "no"),
        ({}, "", ""),
        (b"<title>Oops</title><p>x", "", "Oops"),
        (b'<title>T</title><p class="errormessage">Exception - E</p>', "", "Exception - E"),
        (b'<p class="errormessage">one <b>two</b> three</p>', "", "one two three"),
        (b"<html><h1>Forbidden</h1>", "", "Forbidden"),
        (b"\xff\xfe", "", "\ufffd\ufffd"),
        (b'{"error" : ""kid""}', '"kid"', '"kid"'),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_refusal_is_read_for_its_words(body: Any, code: str, words: str) -> None:
    refusal = read_refusal(400, answer(body).body)

    assert refusal.words == words
    assert refusal.code == code
    assert refusal.status == 400


def test_words_are_one_line_and_bounded() -> None:
    refusal = read_refusal(400, b"a\r\n\tb " + b"x" * 5000)

    assert refusal.words == "a b ..."
