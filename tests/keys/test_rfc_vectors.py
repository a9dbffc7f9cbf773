"""ltictl handles the RFCs' own keys: RFC 7517 A.1, A.2, RFC 7638 3.1, RFC 7520 3.3, 3.4, 4.1."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm

from ltictl.lti.keys import key_set, read_key, thumbprint
from ltictl.model.signing_key import KeyState, SigningKey

VECTORS: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("rfc_vectors.json").read_text("utf-8")
)
PAIRS = [("rfc7517-a1", "rfc7517-a2"), ("rfc7520-3.3", "rfc7520-3.4")]
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def private(vector: str) -> rsa.RSAPrivateKey:
    key = RSAAlgorithm.from_jwk(VECTORS[vector])
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def pem(key: rsa.RSAPrivateKey, form: forms.PrivateFormat) -> bytes:
    return key.private_bytes(forms.Encoding.PEM, form, forms.NoEncryption())


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def published(n: str, e: str) -> dict[str, Any]:
    (jwk,) = key_set([SigningKey(thumbprint(n, e), KeyState.CURRENT, n, e, NOW)])["keys"]
    return dict(jwk)


@pytest.mark.parametrize(
    "form", [forms.PrivateFormat.PKCS8, forms.PrivateFormat.TraditionalOpenSSL]
)
@pytest.mark.parametrize(("public", "secret"), PAIRS)
def test_a_private_key_gives_the_public_key_of_the_rfc(
    public: str, secret: str, form: forms.PrivateFormat
) -> None:
    material = read_key(pem(private(secret), form), b"")

    assert (material.n, material.e) == (VECTORS[public]["n"], VECTORS[public]["e"])


@pytest.mark.parametrize(("public", "secret"), PAIRS)
def test_the_published_key_is_that_of_the_rfc_and_nothing_private(public: str, secret: str) -> None:
    wanted = VECTORS[public]
    jwk = published(wanted["n"], wanted["e"])

    assert {name: jwk[name] for name in ("kty", "n", "e")} == {
        name: wanted[name] for name in ("kty", "n", "e")
    }
    assert set(jwk) == {"kty", "n", "e", "kid", "use", "alg"}
    assert not set(jwk) & (set(VECTORS[secret]) - set(wanted) - {"alg", "use"})
    assert octets(jwk["n"])[0] != 0


def test_the_thumbprint_of_rfc_7638() -> None:
    n = VECTORS["rfc7517-a1"]["n"]  # RFC 7638, 3.1 uses the RSA key of RFC 7517, A.1
    assert thumbprint(n, "AQAB") == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_signature_of_the_cookbook_is_made_and_verified() -> None:
    example = VECTORS["rfc7520-4.1"]
    signed = f"{example['protected']}.{example['payload']}".encode("ascii")
    material = read_key(pem(private("rfc7520-3.4"), forms.PrivateFormat.TraditionalOpenSSL), b"")
    key = forms.load_pem_private_key(material.pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)

    made = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())

    assert made == octets(example["signature"])
    verifier = jwt.PyJWK.from_dict(published(material.n, material.e))
    token = f"{signed.decode()}.{example['signature']}"
    assert jwt.PyJWS().decode(token, verifier, algorithms=["RS256"]) == octets(example["payload"])
