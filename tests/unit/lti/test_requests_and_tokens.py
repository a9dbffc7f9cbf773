"""The registration request, the hints in registration tokens and the answers of token endpoints."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from ltictl.lti.access_token import read_token_answer, token_request
from ltictl.lti.registration import build_request, requested_scopes
from ltictl.lti.registration_token import TokenHint, peek, token_digest
from ltictl.lti.vocabulary import SCOPES, TOOL_CONFIGURATION, short_scope
from ltictl.model.tool import Message, Tool
from tests.support.recordings import all_in, document


def tool(**changes: Any) -> Tool:
    at = "https://tool.example"
    members = {
        "name": "Example Tool",
        "url": at,
        "initiate_login_uri": f"{at}/login",
        "target_link_uri": f"{at}/launch",
        "redirect_uris": (f"{at}/launch",),
        "jwks_uri": f"{at}/jwks",
    }
    return Tool(**(members | changes))


def test_a_small_request_holds_what_moodle_demands_and_nothing_absent() -> None:
    request = build_request(tool(), "acme-moodle")

    assert request["response_types"] == ["id_token"]
    assert request["token_endpoint_auth_method"] == "private_key_jwt"
    assert request["application_type"] == "web"
    assert request[TOOL_CONFIGURATION]["domain"] == "tool.example"
    assert request[TOOL_CONFIGURATION]["messages"] == [
        {"type": "LtiResourceLinkRequest", "label": "Example Tool"}
    ]
    text = json.dumps(request)
    assert "null" not in text
    assert '""' not in text
    assert "logo_uri" not in text


def test_the_integration_takes_its_place_in_every_uri() -> None:
    at = "https://{integration}.tool.example"
    request = build_request(
        tool(
            target_link_uri=f"{at}/launch",
            redirect_uris=(f"{at}/a", f"{at}/b"),
            initiate_login_uri=f"{at}/login",
            jwks_uri=f"{at}/jwks",
            messages=(Message("X", target_link_uri=f"{at}/x", icon_uri=f"{at}/i"),),
        ),
        "acme",
    )

    assert "{integration}" not in json.dumps(request)
    assert request[TOOL_CONFIGURATION]["domain"] == "acme.tool.example"


@pytest.mark.parametrize(
    ("target", "domain"),
    [
        ("https://tool.example/launch", "tool.example"),
        ("https://Tool.Example/launch", "Tool.Example"),
        ("https://tool.example:8443/launch", "tool.example:8443"),
        ("https://tool.example:443/launch", "tool.example:443"),
        ("https://tool.example", "tool.example"),
    ],
)
def test_the_domain_is_the_targets_host_letter_by_letter(target: str, domain: str) -> None:
    assert build_request(tool(target_link_uri=target), "x")[TOOL_CONFIGURATION]["domain"] == domain


def test_scopes_are_short_names_or_uris_each_once() -> None:
    names = ("score", SCOPES["score"], "https://x.example/own")

    assert requested_scopes(tool(scopes=names)) == (SCOPES["score"], "https://x.example/own")
    assert "scope" not in build_request(tool(scopes=()), "x")
    assert [short_scope(uri) for uri in SCOPES.values()] == list(SCOPES)


def test_moodles_token_tells_its_client_and_its_end() -> None:
    recorded = document("03-registration-token/decoded")
    claims = recorded["claims"]

    hint = peek(recorded["raw"])

    assert hint == TokenHint(claims["sub"], "reg", datetime.fromtimestamp(claims["exp"], UTC))
    assert not hint.is_update
    assert peek(jwt.encode(claims | {"scope": "reg-update"}, "k" * 32)).is_update


@pytest.mark.parametrize(
    "token",
    [
        "",
        "opaque",
        "a.b.c",
        "..",
        "a.e30",
        "a.bnVsbA.c",
        "a.W10.c",
        "ü.ü.ü",
        "a.e30.c.d",
        "a.!!!!.c",
    ],
)
def test_an_opaque_token_tells_nothing(token: str) -> None:
    assert peek(token) == TokenHint()


@pytest.mark.parametrize("expires", ["soon", None, 1e300, -1e300, [], True])
def test_an_impossible_end_is_no_end(expires: object) -> None:
    found = peek(jwt.encode({"sub": 5, "x": expires}, "k" * 32))

    assert found.expires_at is None
    hint = peek("a." + _part({"exp": expires}) + ".c")
    assert hint.expires_at is None or expires is True


def _part(claims: object) -> str:
    return jwt.utils.base64url_encode(json.dumps(claims).encode()).decode()


def test_only_a_digest_of_a_token_is_kept() -> None:
    assert token_digest("") == ""
    assert len(token_digest("secret")) == 64


def test_a_token_request_is_a_form() -> None:
    form = parse_qs(token_request("a.b.c", ["one", "two"]).decode())

    assert form["grant_type"] == ["client_credentials"]
    assert form["scope"] == ["one two"]
    assert form["client_assertion"] == ["a.b.c"]


@pytest.mark.parametrize(
    ("status", "body", "granted", "error"),
    [
        (200, {"access_token": "t", "scope": "a b"}, ("a", "b"), ""),
        (200, {"access_token": "t"}, ("asked",), ""),
        (200, {"access_token": "t", "scope": ""}, (), ""),
        (200, {"token": "t"}, None, "it holds no access_token"),
        (200, {"access_token": 5}, None, "its access_token is no text"),
        (400, {"access_token": "t"}, None, '{"access_token": "..."}'),
        (400, {"error": "invalid_client"}, None, "invalid_client"),
        (401, {"error": "e", "error_description": "d"}, None, "e: d"),
        (400, b'{ "error" : ""kid" invalid" }', None, '"kid" invalid'),
        (500, b"", None, "HTTP 500"),
    ],
)
def test_a_token_answer_holds_scopes_or_the_platforms_words(
    status: int, body: Any, granted: tuple[str, ...] | None, error: str
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    found = read_token_answer(status, data, ("asked",))

    assert (found.granted, found.error) == (granted, error)


@pytest.mark.parametrize(
    "name", [each.name for each in all_in("06-token-endpoint") if each.response.status == 200]
)
def test_every_recorded_token_is_understood(name: str) -> None:
    recording = next(each for each in all_in("06-token-endpoint") if each.name == name)

    found = read_token_answer(200, recording.response.body, ())

    assert found.error == ""
    assert found.granted == tuple(recording.response.json().get("scope", "").split())
