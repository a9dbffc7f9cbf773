"""Launches as evidence: the token chooses neither the algorithm nor the key (row 20)."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ltictl.errors import LtictlError
from ltictl.lti.launch_token import difference, is_for, read_deployment
from ltictl.lti.pasted_launch import find_tokens
from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID

ISSUER, CLIENT = "https://lms.example", "client-1"
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": CLIENT, CLAIM_DEPLOYMENT_ID: "7"}
OURS = rsa.generate_private_key(65537, 2048)
THEIRS = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def jwk(key: rsa.RSAPrivateKey, **members: str) -> dict[str, Any]:
    found = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**found, "kid": "k", "use": "sig", **members}


KEYS = {"keys": [jwk(OURS)]}
PEM = OURS.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(
    key: Any = OURS, algorithm: str = "RS256", claims: dict[str, Any] = CLAIMS, **header: Any
) -> str:
    return jwt.encode(claims, key, algorithm, headers={"kid": "k", **header})


def symmetric(secret: bytes, algorithm: str = "HS256") -> str:
    """By hand: pyjwt refuses to sign with a public key."""
    import hashlib
    import hmac

    head = f"{part({'alg': algorithm, 'kid': 'k'})}.{part(CLAIMS)}"
    return f"{head}.{part(hmac.new(secret, head.encode(), hashlib.sha256).digest())}"


def deployment(token: str, key_set: dict[str, Any] = KEYS) -> str:
    (launch,) = find_tokens(token)
    if not is_for(launch, ISSUER, CLIENT):
        raise difference(launch, ISSUER, CLIENT)
    return read_deployment(launch, key_set).id


def code(token: str, key_set: dict[str, Any] = KEYS) -> str:
    with pytest.raises(LtictlError) as caught:
        deployment(token, key_set)
    assert caught.value.fix
    return caught.value.code


@pytest.mark.parametrize(
    "claims", [{}, {"aud": [CLIENT, "x"], "azp": CLIENT}, {"exp": 1}, {"iat": 2**40}]
)
def test_what_the_lms_signed_is_read_however_old(claims: dict[str, Any]) -> None:
    assert deployment(signed(claims=CLAIMS | claims)) == "7"


@pytest.mark.parametrize(
    "token",
    [
        signed(None, "none"),
        f"{part({'alg': 'None', 'kid': 'k'})}.{part(CLAIMS)}.",
        f"{part({'alg': 'nOnE', 'kid': 'k'})}.{part(CLAIMS)}.{part(b'x')}",
        f"{part({'kid': 'k'})}.{part(CLAIMS)}.{part(b'x')}",
        symmetric(PEM),
        symmetric(PEM.strip()),
        symmetric(json.dumps(KEYS["keys"][0]).encode()),
        symmetric(b""),
        symmetric(PEM, "RS256"),
        signed(OURS, "RS384"),
        signed(OURS, "RS512"),
        signed(OURS, "PS256"),
        signed(CURVE, "ES256"),
        signed(THEIRS),
        signed(THEIRS, jwk=jwk(THEIRS)),
        signed(THEIRS, jku="https://evil.example/jwks.json"),
        signed(THEIRS, x5u="https://evil.example/chain.pem"),
        signed(THEIRS, x5c=["MIIB"]),
    ],
    ids=range(18),
)
def test_the_token_does_not_choose_how_it_is_checked(token: str) -> None:
    assert code(token) == "launch_refused"


@pytest.mark.parametrize("critical", [["exp"], ["https://evil.example/unknown"], [], "exp", None])
def test_what_must_be_understood_and_is_not_is_refused(critical: object) -> None:
    """RFC 7515, 4.1.11."""
    assert code(signed(crit=critical, exp=1)) == "launch_unreadable"


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [jwk(THEIRS)],
        [jwk(OURS, kid="another")],
        [jwk(OURS, use="enc")],
        [jwk(OURS, alg="HS256")],
        [jwk(OURS, alg="none")],
        [{"kty": "oct", "kid": "k", "k": part(b"s" * 32)}],
        [jwk(OURS) | {"d": "AQAB"}],
    ],
    ids=range(8),
)
def test_only_a_sound_key_of_the_lms_counts(keys: list[dict[str, Any]]) -> None:
    assert code(signed(), {"keys": keys}) == "launch_refused"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": ISSUER.upper()},
        {"aud": "client-2"},
        {"aud": []},
        {"aud": f"{CLIENT} "},
        {"aud": [CLIENT, "x"], "azp": "x"},
    ],
    ids=range(7),
)
def test_another_lms_or_client_is_refused(claims: dict[str, Any]) -> None:
    assert code(signed(claims=CLAIMS | claims)) == "launch_refused"


NO_IDS = [None, "", True, 7.5, 2**64, ["7"], "x" * 256, "a\nb", "\u202e"]


@pytest.mark.parametrize("value", NO_IDS, ids=repr)
def test_a_deployment_that_cannot_be_one(value: object) -> None:
    assert code(signed(claims=CLAIMS | {CLAIM_DEPLOYMENT_ID: value})) == "launch_unreadable"


def test_every_changed_bit_is_noticed() -> None:
    token = signed()
    head, body, signature = token.split(".")
    raw = base64.urlsafe_b64decode(f"{body}==")
    for position in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(LtictlError):
            deployment(f"{head}.{part(bytes(changed))}.{signature}")
