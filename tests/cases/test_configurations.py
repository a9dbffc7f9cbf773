"""Configurations that LMSs, firewalls and PHP really send, and the cause that ltictl names."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import RefusedError
from ltictl.lti.configuration import PlatformConfiguration, judge_configuration
from ltictl.lti.vocabulary import PLATFORM_CONFIGURATION
from ltictl.model.web_address import WebAddress
from ltictl.platforms.recognition import recognise
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import headless

HTML = "text/html"
MAINTENANCE = (
    "<html><head><title>Site under maintenance</title></head><body>Back soon</body></html>"
)
FIREWALL = "<html><head><title>Request blocked by WAF</title></head><body><p>ID 5</p></body></html>"
LOGIN = "<!DOCTYPE html><html><head><title>Log in to the site</title></head><body></body></html>"

ROWS: dict[str, tuple[int, str, str, str, tuple[str, ...]]] = {
    "maintenance": (503, HTML, MAINTENANCE, "configuration_unavailable", ("unavailable", "later")),
    "maintenance, bare": (503, "text/plain", "", "configuration_unavailable", ("maintenance",)),
    "bad gateway": (502, HTML, "<h1>Bad Gateway</h1>", "configuration_unavailable", ("log",)),
    "firewall": (403, HTML, FIREWALL, "configuration_unavailable", ("firewall", "Request blocked")),
    "the LMS's own no": (
        403,
        "application/json",
        '{"error": "link used"}',
        "configuration_unavailable",
        ("link used", "fresh link"),
    ),
    "gone": (404, HTML, "<title>Not here</title>", "configuration_unavailable", ("Not here",)),
    "too many": (429, HTML, "<title>Slow</title>", "configuration_unavailable", ("minutes",)),
    "login page": (200, HTML, LOGIN, "configuration_not_json", ("Log in to the site", "login")),
}


@pytest.mark.parametrize(("status", "kind", "body", "code", "said"), ROWS.values(), ids=ROWS)
def test_the_cause_is_the_true_one(
    acme: Ltictl,
    playback: PlaybackPlatform,
    status: int,
    kind: str,
    body: str,
    code: str,
    said: tuple[str, ...],
) -> None:
    playback.on("configuration", Answer.text(body, status, kind))

    done = headless(acme, playback.url("configuration"), "--json")

    assert (done.code, done.error["code"]) == (3, code)
    error = json.dumps(done.error)
    assert all(each in error for each in said), error
    assert playback.requests_to("registration") == []


def served(playback: PlaybackPlatform) -> str:
    return json.dumps(playback.served_configuration())


@pytest.mark.parametrize("before", ["\ufeff", "\ufeff\n  "])
def test_a_byte_order_mark_is_ignored(
    acme: Ltictl, playback: PlaybackPlatform, before: str
) -> None:
    playback.on("configuration", Answer.text(before + served(playback), 200, "application/json"))

    assert headless(acme, playback.url("configuration"), "--json").code == 0


def assert_refused(acme: Ltictl, playback: PlaybackPlatform, text: str) -> Any:
    playback.on("configuration", Answer.text(text, 200, "application/json"))
    done = headless(acme, playback.url("configuration"), "--json")
    assert (done.code, done.error["code"]) == (3, "configuration_not_json")
    return done.error


def test_a_notice_of_php_is_named_as_such(acme: Ltictl, playback: PlaybackPlatform) -> None:
    notice = "<br />\n<b>Notice</b>:  Undefined index: foo in <b>/lms/lib.php</b> on line <b>7</b>"

    error = assert_refused(acme, playback, f"{notice}<br />\n{served(playback)}")

    assert "Undefined index: foo" in error["message"]
    assert "error output" in error["why"]
    assert "display_errors" in error["fix"]
    assert "login" not in error["why"]


def test_a_member_named_twice_is_named_as_such(acme: Ltictl, playback: PlaybackPlatform) -> None:
    error = assert_refused(
        acme, playback, served(playback).replace("{", '{"issuer": "https://x",', 1)
    )

    assert "a member twice" in error["message"]
    assert "login" not in error["why"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = (
    *("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"),
    *("authorization_server", "scopes_supported", "claims_supported", "messages_supported"),
    *("token_endpoint_auth_methods_supported", PLATFORM_CONFIGURATION),
)
URLS = st.sampled_from(
    ["https://lms.example/a", "https://lms.example", "http://lms.example", "//x", "https://", "é"]
)
ADDRESS = WebAddress.parse("https://lms.example/c", "c")


def judged(value: Any) -> PlatformConfiguration | None:
    """The configuration, or nothing where it is refused; it raises no other error."""
    with suppress(RefusedError):
        return judge_configuration(json.dumps(value).encode(), ADDRESS)
    return None


@given(ANY | st.dictionaries(st.sampled_from(NAMES), URLS | ANY, max_size=len(NAMES)))
def test_any_json_value_is_judged_or_refused(value: Any) -> None:
    found = judged(value)
    if found is not None:
        assert recognise(found.platform, {}, found.claim).issuer.startswith("https://lms.example")


@given(st.sampled_from(NAMES), ANY)
def test_any_value_of_one_member_is_judged_or_refused(name: str, value: Any) -> None:
    base = "https://lms.example"
    right = {each: f"{base}/{each}" for each in NAMES[1:5]} | {"issuer": base}
    assert judged(right) is not None
    found = judged(right | {name: value})
    if found is not None:
        assert all("\n" not in each for each in found.warnings)


@given(st.binary(max_size=200))
def test_any_bytes_are_judged_or_refused(body: bytes) -> None:
    with pytest.raises(RefusedError):
        judge_configuration(body, ADDRESS)
