"""Access tokens: the recorded requests, signed anew, and changing key sets."""

import json
import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jwt
import pytest

from ltictl.lti.vocabulary import SCOPES
from ltictl.sandbox.tools import SandboxTool
from tests.support import recordings
from tests.support.recordings import Recording

from .world import ALL_SCOPES, School, ToolServer, jwk, private_key, request_body

RECORDED = [
    recording.name
    for recording in recordings.all_in("06-token-endpoint")
    if recording.name.count("/") == 1
]
ROTATION = [recording.name for recording in recordings.all_in("06-token-endpoint/rotation")]
SIGNED_BY_ANOTHER_KEY = {"wrong-key-known-kid", "wrong-key-unknown-kid"}
SCORE_ONLY = {"score-only-asks-all", "score-only-asks-lineitem"}


@pytest.mark.parametrize("name", RECORDED)
def test_the_same_token_request_gets_the_same_answer(
    school: School, tool_server: ToolServer, name: str
) -> None:
    recording = recordings.load(name)
    kind = name.partition("/")[2]
    scope = SCOPES["score"] if kind in SCORE_ONLY else " ".join(ALL_SCOPES)
    tool = school.register(request_body(tool_server.url, scope=scope))
    key = "another key" if kind in SIGNED_BY_ANOTHER_KEY else "key-1"

    answer = replay(school, recording, tool, key)

    assert_same(answer, recording)


def test_key_rotation_goes_as_recorded(school: School, tool_server: ToolServer) -> None:
    tool = school.register(request_body(tool_server.url))
    # The key behind kid key-3 from the tenth step on.
    replaced = {"10-same-kid-new-key"}

    for name in ROTATION:
        recording = recordings.load(name)
        step = name.rpartition("/")[2]
        kid = recording.document["client_assertion_decoded"]["header"]["kid"]
        published = re.findall(r"'(key-\d)'", recording.note)
        later = step >= "10"
        tool_server.keys = [
            jwk("key-3b" if later and name == "key-3" else name, name) for name in published
        ]
        asked_before = len(tool_server.seen)

        answer = replay(school, recording, tool, "key-3b" if step in replaced else kid)

        assert_same(answer, recording)
        if step != "01-key1":  # here nothing is kept yet, there the set had been fetched before
            recorded = recording.document["requests_platform_made_to_tool"]
            assert len(tool_server.seen) - asked_before == len(recorded), step


def test_the_platform_introduces_itself_to_the_tool(
    school: School, tool_server: ToolServer
) -> None:
    tool = school.register(request_body(tool_server.url))

    school.ask_token(school.assertion(tool))

    assert tool_server.seen == [("/jwks", f"MoodleBot/4.5 (+{school.sandbox.base_url})")]


def test_the_key_set_is_fetched_once_while_it_works(
    school: School, tool_server: ToolServer
) -> None:
    tool = school.register(request_body(tool_server.url))

    answers = [school.ask_token(school.assertion(tool)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(tool_server.seen) == 1


def test_a_new_key_works_at_once_and_a_withdrawn_one_until_a_miss(
    school: School, tool_server: ToolServer
) -> None:
    tool = school.register(request_body(tool_server.url))
    assert school.ask_token(school.assertion(tool, "key-1")).status_code == 200

    tool_server.keys = [jwk("key-2")]

    assert school.ask_token(school.assertion(tool, "key-1")).status_code == 200
    assert school.ask_token(school.assertion(tool, "key-2")).status_code == 200
    assert school.ask_token(school.assertion(tool, "key-1")).status_code == 400


def test_the_kept_key_set_survives_an_update_of_its_address(
    school: School, tool_server: ToolServer
) -> None:
    tool = school.register(request_body(tool_server.url))
    school.ask_token(school.assertion(tool))
    update = school.sandbox.lms.start_update(tool.deployment_id, f"{tool_server.url}/register")
    elsewhere = request_body(tool_server.url, jwks_uri=f"{tool_server.url}/elsewhere")
    school.post(httpx.URL(update).params["registration_token"], elsewhere)

    answer = school.ask_token(school.assertion(tool))

    assert answer.status_code == 200
    assert [path for path, _ in tool_server.seen] == ["/jwks"]


@pytest.mark.parametrize("state", ["pending", "active"])
def test_the_state_of_the_tool_does_not_matter(
    school: School, tool_server: ToolServer, state: str
) -> None:
    tool = school.register(request_body(tool_server.url))
    if state == "active":
        school.sandbox.lms.activate(tool.deployment_id)

    assert school.ask_token(school.assertion(tool)).status_code == 200


def test_a_deleted_tool_is_no_client(school: School, tool_server: ToolServer) -> None:
    tool = school.register(request_body(tool_server.url))
    school.sandbox.lms.delete(tool.deployment_id)

    answer = school.ask_token(school.assertion(tool))

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


@pytest.mark.parametrize("answer", [(404, b"no"), (200, b"<html></html>"), (200, b"[]")])
def test_a_key_set_that_cannot_be_had_is_an_error_page(
    school: School, tool_server: ToolServer, answer: tuple[int, bytes]
) -> None:
    tool = school.register(request_body(tool_server.url))
    tool_server.answer = answer

    assert_error_page(school.ask_token(school.assertion(tool)))


@pytest.mark.parametrize("jwks_uri", ["http://127.0.0.1:1/jwks", "foo", "http://[/jwks"])
def test_a_key_set_that_is_nowhere_is_an_error_page(school: School, jwks_uri: str) -> None:
    tool = school.register(request_body(jwks_uri=jwks_uri))

    assert_error_page(school.ask_token(school.assertion(tool)))


OCT = {"kty": "oct", "kid": "secret", "alg": "HS256", "k": "AAAA"}
KEY_SETS: dict[str, tuple[list[Any], str | None]] = {
    "no-alg": ([jwk("key-1", alg=None)], None),
    "with-oct-first": ([OCT, jwk("key-1")], None),
    "empty-set": ([], "JWK Set did not contain any keys"),
    "no-kid": (
        [{name: value for name, value in jwk("key-1").items() if name != "kid"}],
        '"kid" invalid, unable to lookup correct key',
    ),
    "other-key-no-alg": (
        [jwk("key-2", alg=None), jwk("key-1")],
        'JWK must contain an "alg" parameter',
    ),
    "not a list": (["key"], "Invalid JWK"),
    "broken key": ([{"kty": "RSA", "kid": "key-1", "alg": "RS256"}], "Invalid JWK"),
    "wrong kind": ([jwk("key-1", alg="ES256")], '"kid" invalid, unable to lookup correct key'),
}


@pytest.mark.parametrize("kind", KEY_SETS)
def test_peculiar_key_sets(school: School, tool_server: ToolServer, kind: str) -> None:
    tool_server.keys, error = KEY_SETS[kind]
    tool = school.register(request_body(tool_server.url))

    answer = school.ask_token(school.assertion(tool))

    assert answer.status_code == (400 if error else 200)
    assert error is None or answer.text == f'{{\n  "error" : "{error}"\n}}'


@pytest.mark.parametrize("assertion", ["a.b.c", "e30.e30.x", "e30.W10.x", "e30.é.x"])
def test_an_assertion_that_names_no_client_is_an_invalid_request(
    school: School, assertion: str
) -> None:
    answer = school.ask_token(assertion)

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_a_time_that_is_no_number_is_refused(school: School, tool_server: ToolServer) -> None:
    tool = school.register(request_body(tool_server.url))
    claims = {"sub": tool.client_id, "iat": "yesterday"}
    signed = jwt.PyJWS().encode(
        json.dumps(claims).encode(), private_key("key-1"), "RS256", headers={"kid": "key-1"}
    )

    answer = school.ask_token(signed)

    assert answer.json() == {"error": "Payload iat must be a number"}


def replay(school: School, recording: Recording, tool: SandboxTool, key: str) -> httpx.Response:
    """The recorded request at the recorded second, its assertion made for ``tool`` and signed."""
    school.clock.now = parsedate_to_datetime(recording.response.headers["Date"]).timestamp()
    form = dict(parse_qsl(recording.request.body.decode(), keep_blank_values=True))
    if len(form.get("client_assertion", "")) > len("abc"):
        form["client_assertion"] = signed_anew(recording, tool, key)
    kept = ("Content-Type", "Accept")
    headers = {
        name: recording.request.headers[name] for name in kept if name in recording.request.headers
    }
    body = httpx.QueryParams(form)
    method = recording.request.method
    return school.http.request(method, "/token", content=str(body), headers=headers)


def signed_anew(recording: Recording, tool: SandboxTool, key: str) -> str:
    decoded = recording.document["client_assertion_decoded"]
    header, claims = decoded["header"], dict(decoded["claims"])
    # The client that does not exist keeps its name.
    if not recording.name.endswith("unknown-client"):
        claims["sub"] = tool.client_id
    secret: Any = private_key(key)
    if header["alg"] == "HS256":
        secret = b"a public key, known to all, as a shared secret"
    if header["alg"] == "none":
        secret = None
    extra = {"kid": header["kid"]} if "kid" in header else {}
    return jwt.encode(claims, secret, header["alg"], headers=extra)


def assert_same(answer: httpx.Response, recording: Recording) -> None:
    assert answer.status_code == recording.response.status, answer.text
    assert answer.headers["content-type"] == recording.response.headers["Content-Type"]
    assert without_token(answer.text) == without_token(recording.response.body.decode())


def without_token(body: str) -> str:
    return re.sub(r'("access_token" : )"[0-9a-f]{32}"', r"\1", body)


def assert_error_page(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "jwks_helper::fix_jwks_alg()" in answer.text
