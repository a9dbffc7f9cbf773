"""ltictl explains each known refusal of an LMS with its cause and a fix in the LMS's words."""

import json
from typing import Any

import pytest

from ltictl.errors import LtictlError, RefusedError
from ltictl.lti.access_token import read_token_answer
from ltictl.lti.refusal import read_refusal
from ltictl.model.attempt import Answer as ReadAnswer
from ltictl.model.platform import Platform
from ltictl.operations.context import Context
from ltictl.operations.registration.headless import inspect_headless
from ltictl.operations.registration.inspect_platform import Inspection
from ltictl.operations.registration.reach import Reach
from ltictl.platforms.causes import TokenFacts, explain_token_refusal
from ltictl.platforms.requirements import forewarnings
from ltictl.platforms.table import (
    audience_of,
    explain_refusal,
    family_named,
    family_of,
)
from tests.support.answers import Answer
from tests.support.playback import PlaybackPlatform
from tests.support.recordings import Recording, all_in

from .conftest import POLICY, setting

FACTS = TokenFacts(
    "acme-moodle", "https://m.example/t", "https://m.example/t", "https://m.example/a"
)
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


def answer(status: int, body: Any, content_type: str = "application/json") -> ReadAnswer:
    raw = body if isinstance(body, str) else json.dumps(body)
    return ReadAnswer(status, content_type, raw.encode(), complete=True)


CASES = [
    # Canvas: C-CTL, canvas-lms#2396
    ("canvas", 422, {"errors": ["scopes: x is invalid"]}, "scopes: x", "own list", "profile.toml"),
    (
        "canvas",
        422,
        {"errors": [{"message": "placement is not allowed"}]},
        "placement is not allowed",
        "placements",
        "profile.toml",
    ),
    (
        "canvas",
        422,
        {"errors": {"contacts": ["is no address"]}},
        "contacts",
        "e-mail",
        "profile.toml",
    ),
    ("canvas", 422, {"errorMessage": "nope"}, "nope", "own schema", "profile.toml"),
    ("canvas", 401, {"errorMessage": "Invalid"}, "Invalid", "one hour", "start again"),
    ("canvas", 404, {"errorMessage": "gone"}, "gone", "feature flag", "ltictl lms-config canvas"),
    # from Sakai's source (SAK)
    ("sakailms.org", 403, "", "without a word", "once", "in Sakai again"),
    ("sakailms.org", 400, "Missing jwks_uri", "Missing jwks_uri", "incomplete", "in Sakai again"),
    # Brightspace: D2L-DR, D2L-KB; the form is assumed
    (
        "desire2learn",
        400,
        {"error": "invalid_client_metadata", "error_description": "Name is already in use"},
        "Name is already in use",
        "of that name already",
        "Manage Extensibility",
    ),
    (
        "desire2learn",
        400,
        {"error": "x", "error_description": "The domain is in use"},
        "domain",
        "of that domain already",
        "Manage Extensibility",
    ),
    (
        "desire2learn",
        400,
        {"error": "x", "error_description": "The keyset URL did not answer"},
        "keyset",
        "key set while it registers",
        "ltictl jwks",
    ),
    ("desire2learn", 401, "", "without a word", "works once", "Register Tool"),
    # from the component README of ILIAS
    ("ilias", 500, "", "without a word", "Released versions", "log"),
    # RFC 7591, 3.2.2, from an LMS that follows it
    (
        "unknown",
        400,
        {"error": "invalid_redirect_uri", "error_description": "no"},
        "invalid_redirect_uri: no",
        "settings",
        "profile.toml",
    ),
    ("unknown", 401, "", "without a word", "Authorization header", "again"),
    ("unknown", 409, "", "without a word", "name or domain", "Remove"),
]


@pytest.mark.parametrize(("code", "status", "body", "said", "why", "fix"), CASES)
def test_a_refusal_names_its_cause_and_the_way_out(
    code: str, status: int, body: Any, said: str, why: str, fix: str
) -> None:
    error = explain_refusal(
        family_of(code), read_refusal(status, answer(status, body).body), "lms.example"
    )

    assert f"(HTTP {status})" in error.message
    assert said in error.message
    assert why in error.why
    assert fix in error.fix


@pytest.mark.parametrize("code", ["moodle", "canvas", "sakailms.org", "unknown"])
def test_a_missing_token_is_not_called_a_bad_one(code: str) -> None:
    refusal = read_refusal(401, b"missing_registration_token")

    error = explain_refusal(family_of(code), refusal, "lms.example", token_sent=False)

    assert "none was handed over" in error.why


# What only requests can meet that ltictl never sends.
NOT_OURS = (
    "invalid_request",
    "unsupported_grant_type",
    "Algorithm not supported",
    "Incorrect key for this algorithm",
    "kid must be provided",
)
TOKEN_REFUSALS = [
    each
    for each in all_in("06-token-endpoint")
    if each.response.status != 200
    and not any(words in (each.visible_text or each.response.body.decode()) for words in NOT_OURS)
]


def test_the_recorded_token_refusals_are_all_there() -> None:
    assert len(TOKEN_REFUSALS) > 15


@pytest.mark.parametrize("recording", TOKEN_REFUSALS, ids=lambda each: each.name)
def test_every_recorded_token_refusal_that_can_happen_is_explained(recording: Recording) -> None:
    refusal = read_token_answer(recording.response.status, recording.response.body, ()).refusal
    assert refusal is not None

    cause = explain_token_refusal(family_named("moodle"), refusal, FACTS)

    assert "does not say why" not in cause.why, refusal.words
    assert cause.fix


def inspected(
    context: Context, playback: PlaybackPlatform, accepted_issuer: str = ""
) -> Inspection:
    return inspect_headless(
        context,
        Reach(POLICY, accepted_issuer=accepted_issuer),
        organization="acme",
        configuration_url=playback.url("configuration"),
        token="a-token",
    )


def play(playback: PlaybackPlatform, family: str) -> None:
    playback.configuration[PLATFORM]["product_family_code"] = family


def test_brightspace_stops_before_the_post_where_an_address_is_not_https(
    context: Context, playback: PlaybackPlatform
) -> None:
    play(playback, "desire2learn")
    setting(context, 'initiate_login_uri = "http://tool.invalid/login"')

    with pytest.raises(LtictlError) as caught:
        inspected(context, playback)

    assert caught.value.code == "https_only"
    assert "initiate_login_uri is http://tool.invalid/login" in caught.value.message
    assert playback.requests_to("registration") == []


@pytest.mark.parametrize(("family", "stops"), [("desire2learn", True), ("moodle", False)])
def test_a_key_set_that_does_not_answer_stops_only_where_the_lms_reads_it(
    context: Context, playback: PlaybackPlatform, family: str, stops: bool
) -> None:
    play(playback, family)
    playback.on("/keys", Answer.text("nothing here", 404))

    if stops:
        with pytest.raises(LtictlError) as caught:
            inspected(context, playback)
        assert caught.value.code == "key_set_unreachable"
        assert "ltictl jwks" in caught.value.fix
        assert playback.requests_to("registration") == []
    else:
        assert any("key set" in each for each in inspected(context, playback).warnings)


@pytest.mark.parametrize(
    ("jwks_uri", "said"),
    [
        ("https://tool.example/keys", ""),
        ("https://tool.example:443/keys", ""),
        ("https://tool.example:8443/keys", "port 8443"),
        ("http://127.0.0.1/keys", "a private address"),
        ("https://10.1.2.3/keys", "a private address"),
        ("https://localhost/keys", "a private address"),
        ("https://[::1]/keys", "a private address"),
        ("https://8.8.8.8/keys", ""),
    ],
)
def test_moodles_rules_for_key_sets(jwks_uri: str, said: str) -> None:
    at = "https://moodle.example"
    platform = Platform(at, at, at, at, at)
    rehearsal = Platform("http://127.0.0.1:8080", at, at, at, at)

    found = forewarnings({"jwks_uri": jwks_uri}, family_named("moodle"), platform)

    assert [said in each for each in found] == ([True] if said else [])
    assert forewarnings({"jwks_uri": jwks_uri}, family_named("moodle"), rehearsal) == ()
    assert forewarnings({"jwks_uri": jwks_uri}, family_named("canvas"), platform) == ()


def test_what_to_know_before_registering_in_brightspace_and_blackboard() -> None:
    at = "https://lms.example"
    platform = Platform(at, at, at, at, at)

    brightspace = forewarnings({"jwks_uri": at}, family_named("brightspace"), platform)
    blackboard = forewarnings({"jwks_uri": at}, family_named("blackboard"), platform)

    assert "name or domain" in brightspace[0]
    assert "do not change jwks_uri" in blackboard[1]


def test_a_foreign_issuer_needs_the_override_that_names_it(
    context: Context, playback: PlaybackPlatform
) -> None:
    play(playback, "BlackboardLearn")
    playback.configuration["issuer"] = "https://blackboard.com"
    host = playback.base_url.removeprefix("http://")

    with pytest.raises(RefusedError) as caught:
        inspected(context, playback)
    with pytest.raises(RefusedError) as close:
        inspected(context, playback, accepted_issuer="https://blackboard.com/")
    accepted = inspected(context, playback, accepted_issuer="https://blackboard.com")

    assert caught.value.code == close.value.code == "issuer_mismatch"
    for each in ("blackboard.com", host):
        assert each in caught.value.message
        assert any(each in warning for warning in accepted.warnings)
    assert "--accept-issuer https://blackboard.com" in caught.value.fix
    assert accepted.configuration.platform.issuer == "https://blackboard.com"
    assert accepted.family.slug == "blackboard"


def test_the_override_accepts_no_other_issuer(context: Context, playback: PlaybackPlatform) -> None:
    playback.configuration["issuer"] = "https://evil.example"

    with pytest.raises(RefusedError) as caught:
        inspected(context, playback, accepted_issuer="https://blackboard.com")

    assert caught.value.code == "issuer_mismatch"


@pytest.mark.parametrize(
    ("slug", "advertised", "audience"),
    [
        ("moodle", "", "https://lms.example/token"),
        ("sakai", "https://lms.example/as", "https://lms.example/as"),
        ("canvas", "lms.example", "https://lms.example/token"),
        ("brightspace", "https://lms.example/aud", "https://lms.example/aud"),
        ("brightspace", "", "https://api.brightspace.com/auth/token"),
    ],
)
def test_the_audience_of_client_assertions(slug: str, advertised: str, audience: str) -> None:
    at, token = "https://lms.example", "https://lms.example/token"
    platform = Platform(at, at, token, at, advertised or token)

    assert audience_of(family_named(slug), platform) == audience


def test_the_trailing_space_and_the_bare_messages_of_old_moodles(
    context: Context, playback: PlaybackPlatform
) -> None:
    claim = playback.configuration.pop(PLATFORM)
    claim["messages_supported"] = ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
    playback.configuration[f"{PLATFORM} "] = claim

    found = inspected(context, playback)

    assert found.family.slug == "moodle"
    assert found.configuration.messages_supported == (
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    )
