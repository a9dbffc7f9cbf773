"""Every pair of an issuer and a configuration's address is judged correctly."""

import json

import pytest

from ltictl.errors import InvalidValueError, RefusedError
from ltictl.lti.configuration import judge_configuration
from ltictl.model.web_address import WebAddress

PATH = "/.well-known/openid-configuration"
# Configuration's host (and port), issuer.
SAME = (
    ("lms.edu", "https://lms.edu"),
    ("lms.edu", "https://lms.edu/"),
    ("lms.edu", "https://LMS.edu"),
    ("LMS.EDU", "https://lms.edu"),
    ("lms.edu", "https://lms.edu:443"),
    ("lms.edu:443", "https://lms.edu"),
    ("lms.edu.", "https://lms.edu"),
    ("lms.edu", "https://lms.edu."),
    ("lms.edu.:443", "https://LMS.EDU/"),
    ("lms.edu:8443", "https://lms.edu:8443"),
    ("lms.edu", "https://lms.edu/moodle"),
    ("lms.edu", "https://lms.edu/a/b/c"),
    ("lms.edu", "https://lms.edu//"),
    ("lms.edu", "https://lms.edu/%2e%2e/"),
    ("lms.edu", "https://lms.edu/evil.edu"),
    ("lms.edu", "https://lms.edu/@evil.edu"),
    ("münchen.de", "https://münchen.de"),
    ("münchen.de", "https://xn--mnchen-3ya.de"),
    ("xn--mnchen-3ya.de", "https://MÜNCHEN.de"),
    ("mu\u0308nchen.de", "https://m\u00fcnchen.de"),
    ("ｌms.edu", "https://lms.edu"),  # noqa: RUF001
    ("lms。edu", "https://lms.edu"),
    ("faß.de", "https://xn--fa-hia.de"),
    ("192.0.2.1", "https://192.0.2.1"),
    ("[2001:db8::1]", "https://[2001:db8::1]"),
    ("[2001:DB8::1]:443", "https://[2001:db8::1]/"),
)
OTHER = (
    ("lms.edu", "https://evil.edu"),
    ("evil-lms.edu", "https://lms.edu"),
    ("lms.edu.evil.com", "https://lms.edu"),
    ("evil.com", "https://lms.edu.evil.com"),
    ("sub.lms.edu", "https://lms.edu"),
    ("lms.edu", "https://sub.lms.edu"),
    ("www.lms.edu", "https://lms.edu"),
    ("lmsedu", "https://lms.edu"),
    ("lms.ed", "https://lms.edu"),
    ("lms.edu.u", "https://lms.edu"),
    ("xlms.edu", "https://lms.edu"),
    ("lms-edu.com", "https://lms.edu"),
    ("lms.edu", "https://lms.edu:8443"),
    ("lms.edu:8443", "https://lms.edu"),
    ("lms.edu:8443", "https://lms.edu:8444"),
    ("lms.edu:80", "https://lms.edu"),
    ("lms.edu", "http://lms.edu"),
    ("lms.edu:80", "http://lms.edu"),
    ("lms.edu:443", "http://lms.edu:443"),
    ("faß.de", "https://fass.de"),
    ("fass.de", "https://faß.de"),
    ("lmѕ.edu", "https://lms.edu"),  # noqa: RUF001  a Cyrillic letter
    ("lms.edu", "https://1ms.edu"),
    ("lms.eduⅰ", "https://lms.edu"),  # noqa: RUF001
    ("lms.edu", "https://lms.edu@evil.edu"),
    ("evil.edu", "https://lms.edu@evil.edu"),
    ("lms.edu", "https://evil.edu#lms.edu"),
    ("lms.edu", "https://evil.edu?lms.edu"),
    ("lms.edu", "https://lms.edu?x=1"),
    ("lms.edu", "https://lms.edu?"),
    ("lms.edu", "https://lms.edu#x"),
    ("lms.edu", "https://evil.edu/https://lms.edu"),
    ("lms.edu", "https://evil.edu\\@lms.edu"),
    ("lms.edu", "https://lms.edu\\.evil.edu"),
    ("lms.edu", "https://lms.edu%2eevil.edu"),
    ("lms.edu", "https://lms%2eedu"),
    ("lms.edu", "https://lms.edu%00.evil.edu"),
    ("lms.edu", "https://lms.edu "),
    ("lms.edu", " https://lms.edu"),
    ("lms.edu", "https://lms.edu\n"),
    ("lms.edu", "https://lms.\nedu"),
    ("lms.edu", "https://lms.edu\u200b"),
    ("lms.edu", "https://lms.edu\u202e"),
    ("lms.edu", "HTTPS://"),
    ("lms.edu", "https:lms.edu"),
    ("lms.edu", "https:///lms.edu"),
    ("lms.edu", "//lms.edu"),
    ("lms.edu", "lms.edu"),
    ("lms.edu", ""),
    ("lms.edu", "javascript://lms.edu/%0aalert(1)"),
    ("lms.edu", "https://lms..edu"),
    ("lms.edu", "https://.lms.edu"),
    ("lms.edu", "https://lms.edu.."),
    ("192.0.2.1", "https://3221225985"),
    ("192.0.2.1", "https://0300.0.2.1"),
    ("192.0.2.1", "https://[::ffff:192.0.2.1]"),
    ("192.0.2.1", "https://192.0.2.10"),
    ("[2001:db8::1]", "https://[2001:db8::2]"),
)


CODES = {"issuer_mismatch", "configuration_incomplete", "configuration_insecure"}


def is_accepted(host: str, issuer: str) -> bool:
    address = WebAddress.parse(f"https://{host}{PATH}")
    members = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    document = dict.fromkeys(members, f"https://{host}/x") | {"issuer": issuer}
    try:
        found = judge_configuration(json.dumps(document).encode(), address)
    except RefusedError as error:
        if error.code not in CODES:
            raise
        return False
    return found.platform.issuer == issuer  # kept byte for byte


def test_there_are_pairs_enough() -> None:
    assert len({*SAME, *OTHER}) >= 60


@pytest.mark.parametrize(("host", "issuer"), SAME)
def test_the_same_host(host: str, issuer: str) -> None:
    assert is_accepted(host, issuer)


@pytest.mark.parametrize(("host", "issuer"), OTHER)
def test_another_host(host: str, issuer: str) -> None:
    try:
        assert not is_accepted(host, issuer)
    except InvalidValueError:  # nothing would have been fetched from such a host
        assert not host.isascii()
