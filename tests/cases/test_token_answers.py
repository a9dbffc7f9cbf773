"""Answers of token endpoints: tables of successes and faults, and a canary in bad answers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.access_token import read_token_answer
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.record import replace
from ltictl.operations.checks.doctor import examine
from ltictl.operations.checks.verify import verify
from ltictl.platforms.causes import TokenFacts, explain_token_refusal, says
from ltictl.platforms.table import family_named
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl
from tests.support.key_operator import SCORE, Operator, operator, policy
from tests.support.playback import PlaybackPlatform

ASKED = (SCOPES["lineitem"], SCOPES["score"])
GOOD = {"access_token": "a.b-c_d~e+f/g=", "token_type": "Bearer", "expires_in": 3600}


def good(**members: Any) -> bytes:
    return json.dumps(GOOD | members).encode()


TAKEN: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "as specified": (good(scope=" ".join(ASKED)), ASKED, ""),
    "no scope": (good(), ASKED, ""),
    "fewer": (good(scope=ASKED[1]), ASKED[1:], ""),
    "empty scope": (good(scope=""), (), ""),
    "a list": (good(scope=list(ASKED)), ASKED, "scope as a list"),
    "a list of one text": (good(scope=[" ".join(ASKED)]), ASKED, "scope as a list"),
    "a list of other things": (good(scope=[1, None, {}]), (), "scope as a list"),
    "scope null": (good(scope=None), (), "neither text nor list"),
    "scope a number": (good(scope=5), (), "neither text nor list"),
    "scope true": (good(scope=True), (), "neither text nor list"),
    "scope an object": (good(scope={ASKED[0]: True}), (), "neither text nor list"),
    "expires as text": (good(expires_in="3600"), ASKED, "expires_in as text"),
    "expires as words": (good(expires_in="one hour"), ASKED, "no number"),
    "another type": (good(token_type="mac"), ASKED, "token_type"),
    "a type before Bearer": (good(token_type="apikey"), ASKED, "token_type"),
    "expires after a second": (good(expires_in=1), ASKED, ""),
    "type in lower case": (good(token_type="bearer"), ASKED, ""),
    "byte order mark": (b"\xef\xbb\xbf" + good(), ASKED, ""),
    "error null": (good(error=None), ASKED, ""),
}
NOT_TAKEN: dict[str, tuple[int, bytes, str]] = {
    "words for a token": (
        200,
        good(access_token="invalid token request", expires_in=0),
        'a blank: "invalid token request"; it expires at once',
    ),
    "empty": (200, good(access_token=""), "access_token is empty"),
    "a blank in it": (200, good(access_token="s3cr et"), "holds a blank"),
    "a line break": (200, good(access_token="s3cret\n"), "holds a blank"),
    "a letter of no token": (200, good(access_token="s3crét"), "a character that no token has"),
    "null": (200, good(access_token=None), "is no text"),
    "a list": (200, good(access_token=["s3cret"]), "is no text"),
    "none": (200, b'{"token": "s3cret"}', "holds no access_token"),
    "an error beside it": (200, good(error="invalid_scope"), "names the error invalid_scope"),
    "an unknown error": (200, good(error="s3cret"), "names an error"),
    "an error object": (200, good(error={"a": 1}), "names an error"),
    "expires 0": (200, good(expires_in=0), "expires at once"),
    "expires 0.0": (200, good(expires_in=0.0), "expires at once"),
    "expires -1": (200, good(expires_in=-1), "expires at once"),
    "expires '0'": (200, good(expires_in="0"), "expires at once"),
    "201": (201, good(), "HTTP 201 instead of 200"),
    "299": (299, good(), "HTTP 299 instead of 200"),
    "199": (199, good(), '"access_token": "..."'),
    "300": (300, good(), '"access_token": "..."'),
    "a list around": (200, b"[" + good() + b"]", "not an object"),
    "twice": (200, b'{"access_token": "a", "access_token": "b"}', "a member twice"),
    "Infinity": (200, b'{"access_token": "s3cret", "expires_in": Infinity}', "Infinity"),
    "notice": (
        200,
        b"<br />\n<b>Notice</b>:  Undefined index: x in <b>/var/www/t.php</b> on line <b>7</b>\n"
        + good(),
        "(Notice: Undefined index: x in /var/www/t.php on line 7)",
    ),
    "other text before": (200, b"s3cret " + good(), "something stands before its JSON"),
    "text behind": (200, good() + b" s3cret", "cannot be read"),
    "a page": (200, b"<html><title>s3cret</title>", "a page for people"),
    "nothing": (200, b"", "empty"),
    "form": (200, b"access_token=s3cret&expires_in=3600", "cannot be read"),
}


@pytest.mark.parametrize(("body", "granted", "warning"), TAKEN.values(), ids=TAKEN)
def test_a_token_is_a_token(body: bytes, granted: tuple[str, ...], warning: str) -> None:
    found = read_token_answer(200, body, ASKED)

    assert (found.granted, found.error) == (granted, "")
    assert warning in " ".join(found.warnings)
    assert bool(warning) == bool(found.warnings)


@pytest.mark.parametrize(("status", "body", "words"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_anything_else_is_none(status: int, body: bytes, words: str) -> None:
    found = read_token_answer(status, body, ASKED)

    assert found.granted is None
    assert words in found.error
    assert "s3cr" not in repr(found)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(["access_token", "expires_in", "scope", "error", "token_type"]), ANY)
def test_no_json_value_is_an_exception(name: str, value: Any) -> None:
    for status in (200, 400, 500):
        found = read_token_answer(status, good(**{name: value}), ASKED)
        assert (found.granted is None) == (found.refusal is not None)


@given(st.text("0123456789abcdefXYZ", min_size=10, max_size=20), st.binary(max_size=12), st.data())
def test_no_success_is_quoted(secret: str, noise: bytes, data: st.DataObject) -> None:
    body = good(access_token=f"q{secret}q")
    at = data.draw(st.integers(0, len(body)))

    found = read_token_answer(200, body[:at] + noise + body[at:], ASKED)

    assert secret not in repr(found)


# --- causes ---

FACTS = TokenFacts(
    integration="acme",
    audience="https://lms.example/aud",
    token_endpoint="https://lms.example/token",
    authorization_endpoint="https://lms.example/auth",
    scopes=ASKED,
)
SEEN = replace(FACTS, key_set_passes=True, authorization_answers=True)


def error(code: str, **more: str) -> bytes:
    return json.dumps({"error": code, **more}).encode()


# family, status, body, facts, words of the cause and its fix
CAUSES: dict[str, tuple[str, int, bytes, TokenFacts, str]] = {
    "aud": ("lms", 400, error("invalid_request", error_description="the 'aud' is invalid"), FACTS,
            "https://lms.example/aud was sent"),
    "audience of Canvas": ("canvas", 400, error("invalid_client", error_description="bad audience"),
                           FACTS, "audience"),
    "expired": ("lms", 400, error("the JWT has expired"), FACTS, "clocks"),
    "iat of Moodle": ("moodle", 400, error("Cannot handle token with iat prior to 2023"), FACTS,
                      "NTP"),
    "nbf of Moodle": ("moodle", 400, error("Cannot handle token prior to 2023-02-10"), FACTS,
                      "NTP"),
    "no iat in associated": ("canvas", 400, error("no account is associated with this key"), FACTS,
                             "probably did not find the key"),
    "signature": ("canvas", 400, error("JWS signature invalid."), FACTS, "did not find the key"),
    "signature, key set seen": ("canvas", 400, error("JWS signature invalid."), SEEN,
                                "another client id, holds another key"),
    "kid of Moodle, seen": ("moodle", 400, error('"kid" invalid, unable to lookup'), SEEN,
                            "another client id"),
    "KeyId of Brightspace, seen": ("brightspace", 400, error("KeyId not found"), SEEN,
                                   "another client id"),
    "errorDescription": ("lms", 401, error("invalid_client", errorDescription="Invalid assertion"),
                         FACTS, "does not know the client id"),
    "scope by name": (
        "lms", 400,
        error("invalid_scope", error_description=f"not granted: {SCOPES['lineitem']}"), FACTS,
        "does not allow the tool lineitem.",
    ),
    "scope, all": ("lms", 400, error("invalid_scope"), FACTS, "the tool lineitem, score."),
    "404": ("lms", 404, b"<title>Not Found</title>", FACTS, "no token endpoint at"),
    "404, LMS there": ("lms", 404, b"", SEEN, "https://lms.example/auth answers"),
    "405": ("lms", 405, b"", FACTS, "no token endpoint at"),
    "302": ("lms", 302, b"", FACTS, "no token endpoint at"),
    "301 of Canvas": ("canvas", 301, b"", FACTS, "no token endpoint at"),
    "200 page": ("lms", 200, b"<title>Sign in</title>", FACTS, "no token endpoint at"),
    "200 nothing": ("lms", 200, b"", FACTS, "no token endpoint at"),
    "the same address": (
        "lms", 302, b"",
        replace(FACTS, token_endpoint="https://lms.example/auth"),
        "stored as the authorization endpoint",
    ),
    "501": ("lms", 501, error("not_implemented"), FACTS, "no token endpoint at"),
    "500": ("lms", 500, b"Error processing token request", FACTS, "The LMS itself failed"),
    "503": ("lms", 503, b"<title>Maintenance</title>", FACTS, "not available"),
    "429": ("lms", 429, b"", FACTS, "not available"),
    "403 page": ("lms", 403, b"<title>Request blocked</title>", FACTS, "firewall"),
    "404 of a real one": ("lms", 404, error("invalid_client"), FACTS, "client id"),
    "500 of a real one": ("lms", 500, error("invalid_client"), FACTS, "client id"),
    "jti": ("lms", 400, error("jti was used before"), FACTS, "saw this assertion before"),
    "too early": ("lms", 400, error("Token used too early"), FACTS, "clocks"),
    "lifetime": ("lms", 400, error("The assertion's lifetime exceeds 5 minutes"), FACTS, "clocks"),
    "no clock in explained": ("lms", 400, error("unexplained"), FACTS, "does not say why"),
    "issuer": ("lms", 400, error("invalid_request", error_description="Unknown issuer"), FACTS,
               "client id"),
    "subject": ("lms", 400, error("invalid_request", error_description="sub mismatch"), FACTS,
                "client id"),
    "disabled": ("lms", 403, error("tool disabled"), FACTS, "switched off"),
    "deployment": ("lms", 400, error("deployment not found"), FACTS, "deployment list"),
    "401 without a word": ("lms", 401, b"", FACTS, "client id"),
    "an error object": ("lms", 400, b'{"error": {"code": "invalid_client", "message": "no"}}',
                        FACTS, "client id"),
    "a form": ("lms", 400, b"error=invalid_scope&error_description=no", FACTS, "does not allow"),
    "malformed": ("lms", 200, b'{"a": 1, "a": 2}', FACTS, "RFC 6749, 5.1"),
    "its own error output": ("lms", 200, b"Warning: x in y\n" + good(), FACTS, "display_errors"),
    "without a word": ("lms", 400, b"", FACTS, "does not say why"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("family", "status", "body", "facts", "words"), CAUSES.values(), ids=CAUSES
)
def test_a_refusal_has_its_cause(
    family: str, status: int, body: bytes, facts: TokenFacts, words: str
) -> None:
    refusal = read_token_answer(status, body, ASKED).refusal
    assert refusal is not None

    cause = explain_token_refusal(family_named(family), refusal, facts)

    assert words in f"{cause.why} {cause.fix}"
    if facts.key_set_passes:
        assert "Publish" not in cause.fix


@pytest.mark.parametrize(
    ("phrase", "words", "said"),
    [
        ("iat", "no account is associated with this key", False),
        ("iat", "the iat is early", True),
        ("exp", "unexpected", False),
        ("key", "keyboard", False),
        ("aud", "the 'aud' is invalid", True),
        ("aud", "fraud", False),
        ("scope", "scopes: x", True),
        ('"kid" invalid', 'the "kid" invalid', True),
    ],
)
def test_only_whole_words_count(phrase: str, words: str, said: bool) -> None:
    assert says(phrase, words) is said


# --- the canary ---

CANARY = "c4nary-S3CRET-9f2e71"
PIECES = ("c4nary", "S3CRET", "9f2e71")


def mutated() -> Iterator[bytes]:
    """Answers with a token that are no token answers, each wrong in its own way."""
    right = json.dumps(GOOD | {"access_token": CANARY, "refresh_token": CANARY, "scope": SCORE})
    whole = right.encode()
    yield from (whole[:end] for end in range(30, len(whole) - 1))
    for noise in (b"\x00", b"\xff", b"\n", b"<", b"{", b'"', b"\\", b" "):
        yield from (whole[:at] + noise + whole[at + 1 :] for at in (3, 12, 19, 25, 31, 37, 50))
    marks, guard = b"\xef\xbb\xbf" * 2, b")]}',\n"
    notices = (b"<b>Notice</b>: x\n", b"Warning: x ", b"token: ", CANARY.encode() + b" ")
    for before in (b"x ", b"OK\n", b"<html>", marks, guard, *notices):
        yield from (before + whole, before + whole + b"<p>", before + whole[:-1])
    for behind in (b" x", b"<html>", whole, b"}", b"\n<b>Warning</b>: x"):
        yield whole + behind
    yield right.replace('"', "'").encode()
    yield right.replace("access_token", "AccessToken").encode()
    yield right.replace("access_token", "access-token").encode()
    yield json.dumps([GOOD | {"access_token": CANARY}]).encode()
    yield json.dumps({"data": {"access_token": CANARY}}).encode()
    yield json.dumps(right).encode()
    yield f"access_token={CANARY}&expires_in=1".encode()
    yield CANARY.encode()
    for name, value in (("expires_in", 0), ("error", CANARY), ("error", "invalid_client")):
        members = {"error_description": CANARY, "message": CANARY, "title": CANARY}
        yield json.dumps(GOOD | {"access_token": CANARY, name: value} | members).encode()
    yield f'<html><title>{CANARY}</title><p class="errormessage">{CANARY}</p>'.encode()


def is_silent(text: str) -> bool:
    return not any(piece in text for piece in PIECES)


def add_bird(owner: Operator, name: str, body: bytes) -> None:
    """An integration whose LMS answers every token request with this body."""
    platform = replace(
        owner.register(name).platform,
        authorization_endpoint=owner.site.url("authorization"),
        jwks_uri=owner.site.url("jwks"),
    )
    owner.profile.integrations.change(name, lambda each: replace(each, platform=platform))
    owner.site.on(f"/{name}/token", Answer(200, {}, body))


@pytest.fixture
def owner(tmp_path: Path, playback: PlaybackPlatform) -> Operator:
    """A profile with one integration, whose LMS answers with an unfinished token answer."""
    made = operator(tmp_path / "profile", playback)
    add_bird(made, "acme-0", f'{{"access_token": "{CANARY}"'.encode())
    return made


def test_no_command_shows_or_stores_a_token(owner: Operator, ltictl: Ltictl) -> None:
    bodies = list(mutated())
    assert len(bodies) >= 200
    for number, body in enumerate(bodies, 1):
        add_bird(owner, f"acme-{number}", body)
    folder, reach = owner.profile.root, "--allow-private"
    commands = (
        ("verify", "--all", reach, "--json"),
        ("verify", "--all", reach),
        ("list", "--json"),
        ("list", "--needs-attention"),
        ("show", "acme-0", "acme-90"),
        ("rotate-keys", "--json"),
    )
    for command in commands:
        done = ltictl(*command, profile=folder, env={"LTICTL_ALLOW_PRIVATE": "1"})
        assert is_silent(done.stdout + done.stderr), command
    for document in (folder / "integrations").iterdir():
        assert is_silent(document.read_text("utf-8")), document.name


def test_a_stored_token_is_named_never_shown_and_dropped(owner: Operator, ltictl: Ltictl) -> None:
    path = owner.profile.root / "integrations" / "acme-0.toml"
    leaked = "token: the LMS refused: {'access_token': '" + CANARY + "'"
    path.write_text(f"problems = [{json.dumps(leaked)}]\n{path.read_text()}")

    def named() -> list[str]:
        found = examine(owner.context, policy(), offline=True)
        return [each.detail for each in found if each.id == "stored_tokens"]

    (detail,) = named()
    assert "acme-0" in detail
    assert is_silent(detail)
    for command in (("list", "--json"), ("show", "acme-0")):
        done = ltictl(*command, profile=owner.profile.root)
        assert is_silent(done.stdout + done.stderr)
    tuple(verify(owner.context, policy(), ["acme-0"]))
    assert is_silent(path.read_text())
    assert named() == []


def test_the_audience_that_works_is_found_and_stored(owner: Operator) -> None:
    import jwt

    endpoint, advertised = owner.site.url("/acme-0/token"), owner.site.url("/")
    made = owner.profile.integrations.get("acme-0")
    odd = replace(made.platform, audience=advertised)
    owner.profile.integrations.change(made.id, lambda each: replace(each, platform=odd))

    def answer(request: ReceivedRequest) -> Answer:
        claims = jwt.decode(request.form["client_assertion"], options={"verify_signature": False})
        if claims["aud"] == endpoint:
            return Answer.json(GOOD | {"scope": SCORE})
        return Answer(500, {}, b"Error processing token request")

    owner.site.on("/acme-0/token", answer)
    (found,) = verify(owner.context, policy(), ["acme-0"])

    results = {each.id: each for each in found.checks}
    assert results["token"].result.value == "pass"
    assert advertised in results["audience"].detail
    assert owner.profile.integrations.get("acme-0").platform.audience == endpoint
