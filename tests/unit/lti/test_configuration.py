"""Judging a platform's configuration: allowed issuers, required members, and warnings."""

import json
from typing import Any

import pytest

from ltictl.errors import RefusedError
from ltictl.lti.configuration import PlatformConfiguration, judge_configuration
from ltictl.model.web_address import WebAddress
from tests.support.recordings import load

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"

# Configuration's address, issuer: accepted, since host, port and scheme are the same.
SAME = [
    ("https://lms.example/c", "https://lms.example"),
    ("https://lms.example/c", "https://lms.example/"),
    ("https://lms.example/c", "https://lms.example/moodle"),
    ("https://lms.example/moodle/c?t=1", "https://lms.example/moodle"),
    ("https://lms.example:443/c", "https://lms.example"),
    ("https://lms.example/c", "https://lms.example:443"),
    ("https://lms.example:8443/c", "https://lms.example:8443"),
    ("https://LMS.example/c", "https://lms.EXAMPLE"),
    ("https://lms.example./c", "https://lms.example"),
    ("https://lms.example/c", "https://lms.example."),
    ("HTTPS://lms.example/c", "https://lms.example"),
    ("https://xn--bcher-kva.example/c", "https://bücher.example"),
    ("https://bücher.example/c", "https://BÜCHER.example"),
    ("http://127.0.0.1/c", "http://127.0.0.1"),
    ("http://127.0.0.1:80/c", "http://127.0.0.1"),
    ("http://127.0.0.1:8080/c", "http://127.0.0.1:8080/"),
    ("http://localhost:8080/c", "http://localhost:8080"),
    ("https://[2001:db8::1]/c", "https://[2001:db8::1]"),
    ("https://[2001:DB8::1]:444/c", "https://[2001:db8::1]:444"),
    ("https://a.b.c.d.example/c", "https://a.b.c.d.example/x/y/z"),
]
# Refused: another host, port or scheme, however alike it looks.
OTHER = [
    ("https://lms.example/c", "https://other.example"),
    ("https://lms.example/c", "https://lms.example.evil.example"),
    ("https://lms.example/c", "https://evil-lms.example"),
    ("https://lms.example/c", "https://example"),
    ("https://lms.example/c", "https://www.lms.example"),
    ("https://www.lms.example/c", "https://lms.example"),
    ("https://school.lms.example/c", "https://lms.example"),
    ("https://lms.example/c", "https://school.lms.example"),
    ("https://lms.example/c", "https://lms.example:8443"),
    ("https://lms.example:8443/c", "https://lms.example"),
    ("https://lms.example:8443/c", "https://lms.example:8444"),
    ("https://lms.example:80/c", "https://lms.example"),
    ("http://lms.example/c", "https://lms.example"),
    ("http://lms.example:443/c", "https://lms.example:443"),
    ("https://lms.example/https://other.example", "https://other.example"),
    ("https://lms.example/?https://other.example", "https://other.example"),
    ("https://lmś.example/c", "https://lms.example"),
    ("https://lms.example/c", "https://lm\u0455.example"),
    ("https://127.0.0.1/c", "https://localhost"),
    ("https://localhost/c", "https://127.0.0.1"),
    ("https://127.0.0.1/c", "https://[::1]"),
    ("https://[::1]/c", "https://[::2]"),
    ("https://127.0.0.1/c", "https://2130706433"),
    ("https://127.0.0.1/c", "https://0x7f.0.0.1"),
    ("https://lms.example/c", "https://lms.example.com"),
    ("https://lms.exampl/c", "https://lms.example"),
    ("https://lms-example/c", "https://lms.example"),
    ("https://lms.example/c", "https://lms%2eexample"),
    ("https://lms.example/c", "https://lms_example"),
    ("https://lms.example/c", "https://lms..example"),
]
# Refused: not an issuer at all.
NONE = [
    "",
    "lms.example",
    "//lms.example",
    "/moodle",
    "https://",
    "https:///c",
    "ftp://lms.example",
    "urn:lms",
    "javascript:alert(1)",
    "https://lms.example?x=1",
    "https://lms.example/?",
    "https://lms.example#x",
    "https://lms.example/#",
    "https://user@lms.example",
    "https://user:pw@lms.example",
    "https://lms.example@evil.example",
    "https://lms.example\\@evil.example",
    "https://lms.example:port",
    "https://lms.example:99999",
    "https://lms.example:-1",
    "https://[::1",
    "https://lms.example\n",
    " https://lms.example",
    "https://lms .example",
    "https://lms.example\x00",
    "https://" + "a" * 5000,
    None,
    5,
    ["https://lms.example"],
    {"url": "https://lms.example"},
]


def document(base: str = "https://lms.example", /, **changes: Any) -> bytes:
    members = {
        "issuer": base,
        "authorization_endpoint": f"{base}/auth",
        "token_endpoint": f"{base}/token",
        "jwks_uri": f"{base}/jwks",
        "registration_endpoint": f"{base}/register",
    }
    return json.dumps({k: v for k, v in (members | changes).items() if v is not ...}).encode()


def judge(body: bytes, address: str = "https://lms.example/c") -> PlatformConfiguration:
    return judge_configuration(body, WebAddress.parse(address))


def refusal(body: bytes, address: str = "https://lms.example/c") -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        judge(body, address)
    assert caught.value.why
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize(("address", "issuer"), SAME)
def test_the_host_that_answered_may_name_itself(address: str, issuer: str) -> None:
    base = address.partition("/c")[0].lower() if "://[" not in address else "https://lms.example"
    body = document(base.split("?")[0], issuer=issuer)

    assert judge(body, address).platform.issuer == issuer, "kept byte for byte"


@pytest.mark.parametrize(("address", "issuer"), OTHER)
def test_nobody_may_name_another_host(address: str, issuer: str) -> None:
    error = refusal(document(issuer=issuer), address)

    assert error.code in {"issuer_mismatch", "configuration_incomplete"}
    assert "issuer" in error.message


@pytest.mark.parametrize("issuer", NONE, ids=repr)
def test_a_wrong_issuer_is_refused(issuer: object) -> None:
    error = refusal(document(issuer=issuer))

    assert error.code == "configuration_incomplete"
    assert "issuer" in error.message


@pytest.mark.parametrize(
    "name",
    ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"],
)
@pytest.mark.parametrize("value", [..., None, "", 1, "/x", "mailto:a@b"], ids=repr)
def test_five_members_are_demanded(name: str, value: object) -> None:
    error = refusal(document(**{name: value}))

    assert error.code == "configuration_incomplete"
    assert name in error.message


def test_everything_else_may_be_missing() -> None:
    found = judge(document())

    assert found.platform.audience == "https://lms.example/token"
    assert (found.platform.family, found.platform.version) == ("", "")
    assert found.warnings == ("The LMS does not say which product it is.",)


def test_plain_http_is_for_a_host_that_answered_in_plain_http() -> None:
    assert refusal(document(token_endpoint="http://lms.example/t")).code == "configuration_insecure"
    plain = document("http://127.0.0.1:8080")
    assert judge(plain, "http://127.0.0.1:8080/c").platform.issuer == "http://127.0.0.1:8080"
    other = document("http://127.0.0.1:8080", jwks_uri="http://127.0.0.2/jwks")
    assert refusal(other, "http://127.0.0.1:8080/c").code == "configuration_insecure"


def test_endpoints_on_other_hosts_are_allowed_and_named() -> None:
    found = judge(
        document(
            authorization_endpoint="https://sso.example/a",
            registration_endpoint="https://api.example:8443/r?secret=1",
        )
    )

    assert found.hosts == ("lms.example", "sso.example", "api.example:8443")
    assert found.registration_endpoint == "https://api.example:8443/r?secret=1"
    assert found.platform.registration_endpoint == "https://api.example:8443/r"


def test_the_recorded_configuration_is_understood_without_warnings() -> None:
    body = load("02-openid-configuration").response.body
    found = judge(body, "https://moodle.example/mod/lti/openid-configuration.php?x=1")

    assert found.warnings == ()
    assert (found.platform.family, found.platform.version[:3]) == ("moodle", "4.5")
    assert found.platform.configuration_url.endswith("openid-configuration.php")
    assert "LtiDeepLinkingRequest" in found.messages_supported


@pytest.mark.parametrize("key", [PLATFORM, f"{PLATFORM} ", f" {PLATFORM}"])
def test_the_platforms_own_table_is_found_under_a_key_with_blanks(key: str) -> None:
    table = {"product_family_code": "moodle", "messages_supported": ["A", {"type": "B"}, 5]}

    found = judge(document(**{key: table}))

    assert (found.platform.family, found.messages_supported) == ("moodle", ("A", "B"))


def test_placements_and_notices_that_the_lms_lists() -> None:
    table = {
        "messages_supported": [
            {"type": "A", "placements": ["x", "y", 5]},
            {"type": "B", "placements": ["y"]},
            {"type": "C", "placements": None},
            "D",
        ],
        "notice_types_supported": ["LtiHelloWorldNotice", None],
    }

    found = judge(document(**{PLATFORM: table}))

    assert found.placements_supported == ("x", "y")
    assert found.notices_supported == ("LtiHelloWorldNotice",)


@pytest.mark.parametrize("value", [None, [], "moodle", {"product_family_code": 5}])
def test_a_nonsensical_table_is_no_obstacle(value: object) -> None:
    assert judge(document(**{PLATFORM: value})).platform.family == ""


def test_the_audience_is_the_authorization_server_where_one_is_named() -> None:
    named = judge(document(authorization_server="https://as.example"))

    assert named.platform.audience == "https://as.example"


def test_what_lti_demands_and_the_platform_does_not_list_is_a_warning() -> None:
    lists = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}

    (_, warning) = judge(document(**lists)).warnings

    assert "private_key_jwt" in warning
