"""When an LMS repeats the token that it refuses, ltictl shows none of it, in any context."""

import base64
import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.echoed_token import without_token
from ltictl.lti.refusal import read_refusal
from ltictl.lti.registration_token import token_digest

JWT = ".".join(
    base64.urlsafe_b64encode(each).decode().rstrip("=")
    for each in (b'{"alg":"RS256"}', b'{"sub":"KuN3w2rQpHTxZzS","scope":"reg"}', bytes(range(96)))
)
TOKENS = {
    "jwt": JWT,
    "opaque": "b7e5b3f0-0c2e-4a8e-8f0a-62d1c8a1f3d9",
    "signs": "1795418017:abc/def+ghi~jkl=={x}",
}
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda token: token,
    "percent-encoded": lambda token: quote(token, safe=""),
    "each character percent-encoded": lambda token: "".join(f"%{ord(c):02x}" for c in token),
    "percent-encoded twice": lambda token: quote(quote(token, safe=""), safe=""),
    "escaped slashes": lambda token: token.replace("/", "\\/"),
    "unicode escapes": lambda token: "".join(f"\\u{ord(c):04x}" for c in token),
    "hexadecimal escapes": lambda token: "".join(f"\\x{ord(c):02X}" for c in token),
    "escapes in braces": lambda token: "".join(f"\\u{{{ord(c):x}}}" for c in token),
    "octal escapes": lambda token: "".join(f"\\{ord(c):03o}" for c in token),
    "JavaScript's escape": lambda token: "".join(f"%u{ord(c):04X}" for c in token),
    "hexadecimal digits": lambda token: token.encode().hex(),
    "base64": lambda token: b64encode(token.encode()).decode().rstrip("="),
    "base64 for URLs": lambda token: urlsafe_b64encode(token.encode()).decode().rstrip("="),
    "quoted-printable": lambda token: "".join(f"={ord(c):02X}" for c in token),
    "quoted-printable lines": lambda token: f"{token[:9]}=\r\n{token[9:]}",
    "zero-width spaces": "\u200b".join,
    "a soft hyphen": lambda token: f"{token[:9]}\u00ad{token[9:]}",
    "a place to break": lambda token: f"{token[:9]}<wbr>{token[9:]}",
    "long entities": lambda token: "".join(f"&#{ord(c):09d};" for c in token),
    "entities without an end": lambda token: "".join(f"&#{ord(c)}" for c in token),
    "entities": lambda token: "".join(f"&#{ord(c)};" for c in token),
    "entities in JSON": lambda token: json.dumps(html.escape(token)).strip('"'),
    "broken into lines": lambda token: "\r\n".join(
        token[i : i + 20] for i in range(0, len(token), 20)
    ),
}
SURROUNDINGS = (
    "{}",
    "registration_token={}",
    "Cannot use /t/{}/ here",
    '{{"error": "invalid_token", "error_description": "token {} was used"}}',
    '{{"errors": [{{"field": "token", "message": "<{}>"}}]}}',
    "<html><title>Error {}</title><p class=errormessage>x{}x</p></html>",
    "Bearer {}, {}.",
    "xyz{}xyz",
)


@pytest.mark.parametrize("around", SURROUNDINGS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", TOKENS)
def test_no_form_of_an_echoed_token_is_left(kind: str, form: str, around: str) -> None:
    token = TOKENS[kind]
    echoed = FORMS[form](token)
    body = around.format(echoed, echoed).encode()

    shown = without_token(body, token_digest(token), len(token))

    assert echoed.encode() not in shown
    assert shown == around.format("[token]", "[token]").encode()
    words = read_refusal(400, shown).words
    assert not any(token[at : at + 12] in words for at in range(len(token) - 12))


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=6),
    st.binary(),
    st.binary(),
)
def test_a_token_is_found_between_any_bytes(token: str, before: bytes, after: bytes) -> None:
    shown = without_token(before + token.encode() + after, token_digest(token), len(token))

    assert b"[token]" in shown
    assert token in "[token]" or token.encode() not in shown.replace(b"[token]", b"\0")


@given(st.binary())
def test_what_echoes_nothing_stays_as_it_is(body: bytes) -> None:
    assert without_token(body, token_digest("nobody-said-this-token"), 22) == body
    assert without_token(body, "", 0) == body


def test_one_form_hides_no_other_of_the_same_length() -> None:
    token = TOKENS["opaque"]
    body = f"<wbr> {token[:9]}=\r\n{token[9:]} {token[:9]}<b>{token[9:]}".encode()

    assert without_token(body, token_digest(token), len(token)) == b"<wbr> [token] [token]"


def test_where_the_length_was_not_noted_nothing_is_shown() -> None:
    assert without_token(b"anything", token_digest("x"), 0) == b""
