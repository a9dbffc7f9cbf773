"""The model accepts proper slugs, durations, URLs and invitations, and refuses others."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import ExitCode, InvalidValueError
from ltictl.model.duration import format_duration, parse_duration
from ltictl.model.integration import check_identifier
from ltictl.model.invitation import Invitation, InvitationState, secret_digest
from ltictl.model.moment import rfc3339, to_the_minute
from ltictl.model.organization import Organization, check_slug
from ltictl.model.profile import CallbackSettings, KeyPolicy
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.model.tool import Tool
from ltictl.model.web_address import WebAddress, normal_host

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("slug", ["a", "acme", "uni-bern", "a.b_c-d", "0", "a" * 63, "console"])
def test_slugs_that_name_documents(slug: str) -> None:
    assert check_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        *("", " ", "A", "a b", "a/b", "a\\b", "../a", "..", ".a", "a.", "-a", "a-", "a..b", "ä"),
        *("a" * 64, "con", "nul", "com1", "lpt9", "aux.toml", "a\n", "a\0b", "a%2fb", "a:b"),
    ],
    ids=repr,
)
def test_slugs_that_do_not(slug: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_slug(slug, "organization")
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.message.startswith("organization ")


@given(st.text(max_size=70))
def test_a_slug_is_always_a_harmless_file_name(text: str) -> None:
    try:
        slug = check_slug(text)
    except InvalidValueError:
        return
    assert slug == slug.lower()
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    assert slug[0].isalnum()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604800), (" 1s ", 1), ("007d", 604800)],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text, "x") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "0s", "1", "s", "-1s", "1.5h", "1 h", "1w", "1H", "1h30m", "9999999d", "\u0661s"]
)
def test_a_wrong_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^timeout "):
        parse_duration(text, "timeout")


@given(st.integers(min_value=1, max_value=999_999))
def test_durations_are_written_as_they_are_read(seconds: int) -> None:
    duration = timedelta(seconds=seconds)

    assert parse_duration(format_duration(duration), "x") == duration


@pytest.mark.parametrize(
    ("url", "host", "port", "authority"),
    [
        ("https://lms.example", "lms.example", 443, "lms.example"),
        ("http://lms.example", "lms.example", 80, "lms.example"),
        ("https://LMS.Example:443/x", "lms.example", 443, "lms.example"),
        ("https://lms.example:8443", "lms.example", 8443, "lms.example:8443"),
        ("http://lms.example:443", "lms.example", 443, "lms.example:443"),
        ("https://lms.example./", "lms.example", 443, "lms.example"),
        ("https://[2001:DB8::1]:444/", "2001:db8::1", 444, "[2001:db8::1]:444"),
        ("https://bücher.example/ü?ü", "xn--bcher-kva.example", 443, "xn--bcher-kva.example"),
    ],
)
def test_addresses_are_taken_apart_once(url: str, host: str, port: int, authority: str) -> None:
    found = WebAddress.parse(url)

    assert (found.host, found.port, found.authority, found.url) == (host, port, authority, url)
    assert found.origin == f"{found.scheme}://{authority}"


@pytest.mark.parametrize("host", ["..", "a..", "a..b", ".a", "[::1..]"])
def test_a_host_has_no_empty_part(host: str) -> None:
    with pytest.raises(InvalidValueError):
        WebAddress.parse(f"https://{host}/")


@given(st.text(max_size=60).map(lambda text: f"https://{text}"))
def test_any_text_is_an_address_or_an_invalid_value(text: str) -> None:
    try:
        found = WebAddress.parse(text)
    except InvalidValueError:
        return
    assert found.host
    assert found.host.isascii()
    assert found.url == text
    assert WebAddress.parse(found.origin).origin == found.origin


@given(
    st.text("aZ09.-_:", max_size=12),
    st.text("aZ09/._~%!$&'()*+,;=:@?#[]|\\é ", max_size=12),
)
def test_the_quick_way_through_plain_urls_finds_what_urlsplit_finds(host: str, rest: str) -> None:
    url = f"https://{host}/{rest}"
    try:
        found = WebAddress.parse(url)
    except InvalidValueError:
        return

    parts = urlsplit(url)
    port = 443 if parts.port is None else parts.port
    assert (found.scheme, found.host, found.port) == (
        "https",
        normal_host(parts.hostname or ""),
        port,
    )
    assert (found.path, found.query) == (parts.path, parts.query)


@pytest.mark.parametrize("host", ["0x7f.1", "a.0x1f", "1.2", "a.01", "127.1", "256.1.1.1"])
def test_hosts_that_some_read_as_numbers_take_no_quick_way(host: str) -> None:
    with pytest.raises(InvalidValueError):
        WebAddress.parse(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "said", "fix"),
    [
        ("https:/lms.example/a", "begin with https://", "Write https://lms.example/a"),
        ("htps://lms.example", "begin with https://", "Write https://lms.example"),
        ("https://https://lms.example/a", "begin with https://", "Write https://lms.example/a"),
        ("http:/lms.example?a=1", "'http:/lms.example…'.", "Write http://lms.example with"),
        ("lms.example/a", "in front: https://lms.example/a.", "Write https://lms.example/a"),
        ("javascript:alert(1)", "'javascript:alert(1)'.", "Write a whole address"),
        ("https://lms.example:99999/", "'https://lms.example:99999/'.", "Write https://HOST"),
        ("https://l$ms.example/", "host name: 'l$ms.example'.", "Correct the host name"),
        ("https://lms.example/#b", "'https://lms.example/…'.", "Take out the #"),
        ("https://a:b@lms.example/", "'https://…@lms.example/'.", "Take out what stands before"),
        ("https://lms.example/ x", "'https://lms.example/…'.", "Copy the address again"),
        ("https://lms.example/" + "a" * 4096, "4096 characters: 'https://", "Copy the address"),
    ],
)
def test_a_faulty_address_is_shown_with_the_reason_and_a_fix(url: str, said: str, fix: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        WebAddress.parse(url, "tool.url")

    assert caught.value.message.startswith("tool.url ")
    assert caught.value.message.endswith(".")
    assert said in caught.value.message
    assert caught.value.why.endswith(".")
    assert caught.value.fix.startswith(fix)


SECRET = st.text("abcXYZ019-_.~", min_size=12, max_size=30).map(lambda text: f"eyJ{text}")


@given(
    SECRET,
    st.sampled_from(
        [
            *("{}", "https//{}", "https://lms.example:x/?t={}", "https://lms.example/ {}"),
            *("https://a:{}@lms.example/", "https://{}@lms.example", "https:/lms.example?{}"),
            *("https://a:x?{}@lms.example", "https://lms.example/#{}", "lms.example/a?b={}"),
            *("https://lms.example/%3Ft%3D{} ", "https://lms.example/a&t={} ", "htps://a.b/?{}"),
        ]
    ),
)
def test_a_secret_in_a_faulty_address_is_never_shown(secret: str, form: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        WebAddress.parse(form.format(secret))

    error = caught.value
    assert secret not in f"{error.message} {error.why} {error.fix} {error.instead}"


def test_the_query_is_left_out_of_what_may_be_shown() -> None:
    assert WebAddress.parse("https://a.example/b?c=d?e").without_query == "https://a.example/b"


@pytest.mark.parametrize("host", ["", ".", "a%b", "ü" * 70])
def test_hosts_that_are_none(host: str) -> None:
    with pytest.raises(InvalidValueError):
        normal_host(host)


def invitation(**changes: Any) -> Invitation:
    made = Invitation("1a2b", secret_digest("s"), NOW, NOW + timedelta(days=7), "acme")
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("changes", "after", "state"),
    [
        ({}, timedelta(0), InvitationState.OPEN),
        ({}, timedelta(days=7, seconds=-1), InvitationState.OPEN),
        ({}, timedelta(days=7), InvitationState.EXPIRED),
        ({"revoked_at": NOW}, timedelta(0), InvitationState.REVOKED),
        ({"revoked_at": NOW}, timedelta(days=9), InvitationState.REVOKED),
        ({"spent_by": "acme-moodle"}, timedelta(0), InvitationState.SPENT),
        ({"spent_by": "acme-moodle", "revoked_at": NOW}, timedelta(9), InvitationState.SPENT),
    ],
)
def test_what_an_invitation_is_good_for(
    changes: dict[str, Any], after: timedelta, state: InvitationState
) -> None:
    assert invitation(**changes).state(NOW + after) is state


@pytest.mark.parametrize(
    ("secret", "opens"), [("s", True), ("", False), ("S", False), ("s ", False), ("\ud800", False)]
)
def test_only_the_secret_opens(secret: str, opens: bool) -> None:
    assert invitation().opens_with(secret) is opens


@pytest.mark.parametrize("value", ["", "x" * 256, "a\nb", "a\x00", "\u2028", "a\u200bb"])
def test_identifiers_are_printable_and_short(value: str) -> None:
    with pytest.raises(InvalidValueError, match="client_id"):
        check_identifier(value, "client_id")


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "x" * 256, "\u202ex"])
def test_names_that_could_steer_a_terminal_are_none(name: str) -> None:
    with pytest.raises(InvalidValueError):
        Organization("acme", NOW, name)
    with pytest.raises(InvalidValueError):
        tool(name=name)


def tool(**changes: Any) -> Tool:
    at = "https://tool.example"
    members: dict[str, Any] = {
        "name": "T",
        "url": at,
        "initiate_login_uri": at,
        "target_link_uri": at,
        "redirect_uris": (at,),
        "jwks_uri": at,
    }
    return Tool(**(members | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"redirect_uris": ()},
        {"jwks_uri": "tool.example"},
        {"logo_uri": "javascript:alert(1)"},
        {"redirect_uris": ("https://a.example", "/x")},
        {"url": "https://tool.example/#x"},
    ],
    ids=str,
)
def test_a_tool_that_could_not_be_registered_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"^tool"):
        tool(**changes)


@pytest.mark.parametrize(("port", "good"), [(0, False), (1, True), (65535, True), (65536, False)])
def test_ports(port: int, good: bool) -> None:
    if good:
        assert CallbackSettings(port=port).port == port
        return
    with pytest.raises(InvalidValueError, match=r"^callback\.port"):
        CallbackSettings(port=port)


@pytest.mark.parametrize("bits", [0, 1024, 2047, 8193])
def test_weak_keys_are_none(bits: int) -> None:
    with pytest.raises(InvalidValueError, match=r"^keys\.bits"):
        KeyPolicy(bits=bits)


def test_a_retired_key_is_not_published() -> None:
    published = {s for s in KeyState if SigningKey("k", s, "n", "e", NOW).published}

    assert published == {KeyState.NEXT, KeyState.CURRENT, KeyState.RETIRING}


def test_times_are_written_in_utc() -> None:
    there = datetime(2026, 1, 1, 1, 30, 59, 999, timezone(timedelta(hours=2)))

    assert rfc3339(there) == "2025-12-31T23:30:59Z"
    assert to_the_minute(there) == "2025-12-31 23:30 UTC"
