"""``keys import`` reads private keys in the forms that people have, or names the form's fault."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.lti.keys import encode_integer, read_key
from tests.support.cli import Ltictl

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505  ltictl has to refuse it
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())


def written(key: rsa.RSAPrivateKey, form: forms.PrivateFormat, *, der: bool = False) -> bytes:
    encoding = forms.Encoding.DER if der else forms.Encoding.PEM
    return key.private_bytes(encoding, form, forms.NoEncryption())


def jwk(key: rsa.RSAPrivateKey, **more: Any) -> dict[str, Any]:
    private = key.private_numbers()
    numbers = {
        "n": private.public_numbers.n,
        "e": private.public_numbers.e,
        "d": private.d,
        "p": private.p,
        "q": private.q,
        "dp": private.dmp1,
        "dq": private.dmq1,
        "qi": private.iqmp,
    }
    return (
        {"kty": "RSA", "kid": "theirs"} | {k: encode_integer(v) for k, v in numbers.items()} | more
    )


def without(key: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name not in names}


def as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


PKCS8 = written(KEY, forms.PrivateFormat.PKCS8)
PKCS1 = written(KEY, forms.PrivateFormat.TraditionalOpenSSL)
KID = read_key(PKCS8, b"").kid
JWK = jwk(KEY)
PUBLIC = without(JWK, "d", "p", "q", "dp", "dq", "qi")
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
READ: dict[str, bytes] = {
    "PKCS#8": PKCS8,
    "PKCS#1": PKCS1,
    "literal \\n": PKCS8.replace(b"\n", b"\\n"),
    "literal \\n, PKCS#1": PKCS1.replace(b"\n", b"\\n"),
    "literal \\r\\n": PKCS8.replace(b"\n", b"\\r\\n"),
    "literal \\n, escaped twice": PKCS8.replace(b"\n", b"\\\\n"),
    "quoted": b'"' + PKCS8.replace(b"\n", b"\\n") + b'"',
    "in single quotes": b"'" + PKCS8 + b"'",
    "blanks in place of lines": PKCS8.replace(b"\n", b" "),
    "one line": PKCS8.replace(b"\n", b""),
    "indented, as in YAML": PKCS8.replace(b"\n", b"\n    "),
    "CRLF": PKCS8.replace(b"\n", b"\r\n"),
    "CR": PKCS8.replace(b"\n", b"\r"),
    "blank lines": b"\n\n" + PKCS8.replace(b"\n", b"\n\n"),
    "a byte order mark": b"\xef\xbb\xbf" + PKCS8,
    "UTF-16": PKCS8.decode().encode("utf-16"),
    "a variable": b"LTI_KEY=" + PKCS8.replace(b"\n", b"\\n"),
    "attributes before it": b"Bag Attributes\n    friendlyName: lti\n" + PKCS8,
    "a certificate before it": CERTIFICATE + PKCS8,
    "a certificate after it": PKCS8 + CERTIFICATE,
    "DER": written(KEY, forms.PrivateFormat.PKCS8, der=True),
    "DER, PKCS#1": written(KEY, forms.PrivateFormat.TraditionalOpenSSL, der=True),
    "base64 of DER": base64.b64encode(written(KEY, forms.PrivateFormat.PKCS8, der=True)),
    "base64 of PEM": base64.b64encode(PKCS8),
    "base64 of PEM in lines": base64.encodebytes(PKCS8),
    "base64 of a JWK": base64.b64encode(as_json(JWK)),
    "a JWK": as_json(JWK),
    "a JWK with a byte order mark": b"\xef\xbb\xbf" + as_json(JWK),
    "a JWK without its factors": as_json(without(JWK, "p", "q", "dp", "dq", "qi")),
    "a JWK with p and q only": as_json(without(JWK, "dp", "dq", "qi")),
    "a JWK without kid": as_json(without(JWK, "kid")),
    "a padded JWK": as_json(JWK | {"n": JWK["n"] + "==", "d": JWK["d"] + "="}),
    "a JWK in the other alphabet": as_json(
        {k: v.replace("-", "+").replace("_", "/") for k, v in JWK.items()}
    ),
    "a set of one": as_json({"keys": [JWK]}),
    "a list of one": as_json([JWK]),
    "a set with one private key": as_json(
        {"keys": [without(jwk(OTHER), "d", "p", "q", "dp", "dq", "qi"), JWK]}
    ),
    "a JWK under jwk": as_json({"jwk": JWK}),
    "a PEM in JSON": as_json({"type": "tool", "private_key": PKCS8.decode()}),
}
REFUSED: dict[str, tuple[bytes, str]] = {
    "a public JWK": (as_json(PUBLIC), "public JWK"),
    "a public set": (as_json({"keys": [PUBLIC]}), "public JWK"),
    "two private keys": (as_json({"keys": [JWK, jwk(OTHER)]}), "2 private keys"),
    "an EC JWK": (as_json({"kty": "EC", "d": "AQ", "crv": "P-256"}), "no RSA key"),
    "a shared secret": (as_json({"kty": "oct", "k": "AQ", "d": "AQ"}), "no RSA key"),
    "three primes": (as_json(JWK | {"oth": []}), "more than two"),
    "another's d": (as_json(JWK | {"d": jwk(OTHER)["d"]}), "do not belong together"),
    "another's d, no factors": (
        as_json(without(JWK, "p", "q", "dp", "dq", "qi") | {"d": jwk(OTHER)["d"]}),
        "do not belong together",
    ),
    "another's primes": (
        as_json(JWK | {"p": jwk(OTHER)["p"], "q": jwk(OTHER)["q"]}),
        "do not belong together",
    ),
    "no n": (as_json(without(JWK, "n")), "numbers are missing"),
    "n a number": (as_json(JWK | {"n": 5}), "numbers are missing"),
    "n not base64": (as_json(JWK | {"n": "é"}), "numbers are missing"),
    "zeros": (as_json(JWK | {"n": "", "e": "", "d": ""}), "numbers are missing"),
    "1024 bits": (as_json(jwk(SHORT)), "1024 bits"),
    "half of a JWK": (as_json(JWK)[:200], "begins as JSON"),
    "JSON without a key": (b"{}", "without a key"),
    "a list of nothing": (b"[]", "without a key"),
    "an EC key as PEM": (
        ELLIPTIC.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()),
        "no RSA key",
    ),
    "base64 of nothing": (base64.b64encode(b"hello"), "damaged"),
    "a damaged PEM": (PKCS8[:600] + PKCS8[700:], "damaged"),
}


@pytest.mark.parametrize("given_as", READ.values(), ids=READ)
def test_the_same_key_is_found(given_as: bytes) -> None:
    assert read_key(given_as, b"").kid == KID


@pytest.mark.parametrize(("given_as", "words"), REFUSED.values(), ids=REFUSED)
def test_an_unusable_key_is_refused_by_name(given_as: bytes, words: str) -> None:
    with pytest.raises(LtictlError) as refused:
        read_key(given_as, b"")

    assert refused.value.code == "key_unusable"
    assert words in refused.value.why
    assert refused.value.fix
    assert JWK["d"][:20] not in f"{refused.value} {refused.value.why}"


@pytest.mark.parametrize(
    "spoil", [bytes, lambda text: text.replace(b"\n", b"\\n")], ids=["as it is", "literal \\n"]
)
@pytest.mark.parametrize(
    "form", [forms.PrivateFormat.PKCS8, forms.PrivateFormat.TraditionalOpenSSL]
)
def test_encrypted_keys_are_read_too(
    form: forms.PrivateFormat, spoil: Callable[[bytes], bytes]
) -> None:
    encryption = forms.BestAvailableEncryption(b"open sesame")
    data = spoil(KEY.private_bytes(forms.Encoding.PEM, form, encryption))

    assert read_key(data, b"open sesame").kid == KID


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kty", "n", "e", "d", "p", "q", "keys", "jwk"]), inner, max_size=5
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(JSON.map(as_json) | st.binary(max_size=80) | st.binary(max_size=40).map(base64.b64encode))
def test_any_other_text_is_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(LtictlError):
        read_key(data, b"")


def test_the_command_takes_a_jwk(acme: Ltictl) -> None:
    done = acme("keys", "import", "-", "--json", input=as_json(JWK).decode())

    assert done.code == 0, done
    assert KID in {each["kid"] for each in done.data["keys"]}
    assert JWK["d"] not in done.stdout + done.stderr
