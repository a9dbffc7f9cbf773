"""Refusals in every form that LMSs send, at both endpoints, read by one reader."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.refusal import one_line, php_notice, read_refusal
from ltictl.lti.strict_json import PrecededError, parse_object
from ltictl.platforms.table import explain_refusal, family_named

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"

# the answer, its words
FORMS: dict[str, tuple[Any, str]] = {
    "error": ({"error": "invalid_client"}, "invalid_client"),
    "described": ({"error": "e", "error_description": "why"}, "e: why"),
    "in camel case": ({"error": "e", "errorDescription": "why"}, "e: why"),
    "message": ({"message": "no"}, "no"),
    "error and message": ({"error": "Unauthorized", "message": "no"}, "Unauthorized: no"),
    "the same twice": ({"error": "no", "message": "no"}, "no"),
    "problem+json": ({"title": "Bad", "detail": "why", "status": 400}, "Bad: why"),
    "errorMessage": ({"errorMessage": "no"}, "no"),
    "error object": ({"error": {"code": 5, "message": "no"}}, "no"),
    "errors": ({"errors": ["one", "two"]}, "one; two"),
    "errors with field": (
        {"errors": [{"field": "scopes", "message": "cannot contain openid"}]},
        "scopes: cannot contain openid",
    ),
    "errors with detail": ({"errors": [{"title": "T", "detail": "d"}]}, "T: d"),
    "errors by field": ({"errors": {"scope": ["bad", "worse"]}}, "scope: bad; scope: worse"),
    "errors by field, objects": ({"errors": {"name": [{"message": "long"}]}}, "name: long"),
    "errors as text": ({"errors": "no"}, "no"),
    "error and errors": ({"error": "e", "errors": [{"message": "m"}]}, "e; m"),
    "odd errors": ({"errors": [None, 5, [], {"x": 1}]}, "None; 5"),
    "bare words": (b"missing_domain", "missing_domain"),
    "words in lines": (b"one\r\n  two", "one two"),
    "title": (b"<html><head><title>Oops</title>", "Oops"),
    "heading": (b"<h1>Forbidden</h1><p>x", "Forbidden"),
    "title and heading alike": (b"<title>No</title><h1>No</h1>", "No"),
    "Moodle's page": (b'<title>T</title><p class="errormessage">E</p>', "E"),
    "Moodle's quotes": (b'{ "error" : ""kid" invalid" }', '"kid" invalid'),
    "byte order mark": (b'\xef\xbb\xbf{"error": "e"}', "e"),
    "notice before": (b'<b>Notice</b>: x\n{"error": "e"}', "e"),
    "ASP.NET": (
        {"Message": "invalid", "ModelState": {"redirect_uris": ["no https"]}},
        "invalid; redirect_uris: no https",
    ),
    "in Pascal case": ({"Error": "e", "ErrorDescription": "why"}, "e: why"),
    "msg": ({"msg": "no"}, "no"),
    "errors with param": ({"errors": [{"param": "scope", "msg": "bad"}]}, "scope: bad"),
    "FastAPI": (
        {"detail": [{"loc": ["body", "redirect_uris"], "msg": "field required"}]},
        "body.redirect_uris: field required",
    ),
    "description as a list": ({"error": "e", "error_description": ["a", "b"]}, "e; a; b"),
    "a gateway's fault": ({"fault": {"faultstring": "Invalid call"}}, "Invalid call"),
    "text in JSON": (b'"no such tool"', "no such tool"),
    "a list": (["a", "b"], "a; b"),
    "a form": (b"error=invalid_client&error_description=Bad+key", "invalid_client: Bad key"),
    "XML": (
        b"<?xml version='1.0'?><Error><Code>Denied</Code><Message>No way</Message></Error>",
        "Denied No way",
    ),
    "nulls": ({"error": None, "message": None}, '{"error": null, "message": null}'),
    "unknown": ({"what": "ever"}, '{"what": "ever"}'),
    "an echoed token": ({"error": "e", "message": f"bad {JWT}"}, "e: bad [token]"),
    "a token member": ({"access_token": "s3cret"}, '{"access_token": "..."}'),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize(("body", "words"), FORMS.values(), ids=FORMS)
def test_the_words_of_a_refusal(body: Any, words: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    assert read_refusal(400, data).words == words


CODES: dict[str, tuple[Any, str]] = {
    "RFC 6749": ({"error": "invalid_client"}, "invalid_client"),
    "an object": ({"error": {"code": "invalid_client", "message": "x"}}, "invalid_client"),
    "an object with a number": ({"error": {"code": 5, "message": "x"}}, ""),
    "a form": (b"error=invalid_client&error_description=Bad", "invalid_client"),
    "a list": ({"error": ["invalid_client"]}, ""),
    "bare words": (b"invalid_client", "invalid_client"),
}


@pytest.mark.parametrize(("body", "code"), CODES.values(), ids=CODES)
def test_the_code_of_a_refusal(body: Any, code: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    assert read_refusal(400, data).code == code


def test_nothing_is_cut_in_the_middle_of_a_uri() -> None:
    body = json.dumps({"error": "invalid_scope", "error_description": " ".join([SCOPE] * 40)})

    words = read_refusal(400, body.encode()).words

    assert words.endswith(f"{SCOPE} ...")
    assert set(words.removesuffix(" ...").split()[1:]) == {SCOPE}


@pytest.mark.parametrize("status", [400, 401, 403, 500])
@pytest.mark.parametrize(
    ("words", "token"),
    [
        ("Missing registration token", True),
        ("The Authorization header is absent", True),
        ("registration_token expired", True),
        ("Bearer wanted", True),
        ("token_endpoint_auth_method is not supported", False),
        ("tokenizer failed", False),
    ],
)
def test_words_that_name_the_token_are_explained_as_401(
    status: int, words: str, token: bool
) -> None:
    refusal = read_refusal(status, words.encode())

    error = explain_refusal(family_named("lms"), refusal, "lms.example")

    assert words in error.message
    assert ("registration token did not arrive" in error.why) is (token or status == 401)


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("<br />\n<b>Warning</b>:  x in <b>/a.php</b> on line <b>7</b><br />\n", "Warning: x in "),
        ("PHP Notice:  Undefined index\n", "PHP Notice: Undefined index"),
        ("Deprecated: old", "Deprecated: old"),
        ("Fatal error: all", "Fatal error: all"),
        ("hello", ""),
        ('Notice: "s3cret"', "Notice:"),
        ("Notice: " + "a" * 40, "Notice: ..."),
    ],
)
def test_only_what_php_says_of_itself_is_shown(before: str, shown: str) -> None:
    found = php_notice(before)

    assert found.startswith(shown)
    assert bool(found) == bool(shown)


def test_text_before_json_is_recognized() -> None:
    with pytest.raises(PrecededError) as caught:
        parse_object(b'<p>x</p>\n{"a": {"b": 1}}')

    assert (caught.value.before, caught.value.rest) == ("<p>x</p>", b'{"a": {"b": 1}}')
    assert "x" not in str(caught.value).replace("text", "")


@given(st.binary(max_size=300), st.integers(100, 599))
def test_no_body_is_an_exception(body: bytes, status: int) -> None:
    found = read_refusal(status, body)

    assert "\n" not in found.words
    assert len(found.words) <= 604


@given(st.text(max_size=2000))
def test_words_are_whole(text: str) -> None:
    words = one_line(text)

    known = set(text.split())
    cut = words.removesuffix(" ...").split()
    assert set(cut) <= known or len(max(known, key=len)) > 500 or "[token]" in words
