"""Keys, thumbprints, the published set and the client assertion, against the RFCs' own examples."""

import base64
import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.client_assertion import client_assertion
from ltictl.lti.keys import KeyMaterial, encode_integer, generate_key, key_set, thumbprint
from ltictl.model.signing_key import KeyState, SigningKey

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
# RFC 7638, 3.1.
RFC_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebW"
    "KRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQM"
    "icAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcR"
    "wr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)


@pytest.fixture(scope="module")
def material() -> KeyMaterial:
    return generate_key(2048)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    assert thumbprint(RFC_N, "AQAB") == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "AA"), (1, "AQ"), (255, "_w"), (256, "AQA"), (65537, "AQAB")]
)
def test_integers_are_encoded_minimally(value: int, text: str) -> None:
    assert encode_integer(value) == text


@given(st.integers(min_value=1))
def test_no_integer_has_a_leading_zero_or_padding(value: int) -> None:
    text = encode_integer(value)
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    assert int.from_bytes(octets) == value
    assert octets[0] != 0
    assert "=" not in text


def test_a_new_key_is_what_it_says(material: KeyMaterial) -> None:
    private = load_pem_private_key(material.pem, None)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))  # type: ignore[arg-type]

    assert (public["n"], public["e"]) == (material.n, material.e)
    assert material.kid == thumbprint(material.n, material.e)


def test_the_set_holds_published_keys_and_nothing_private() -> None:
    keys = [SigningKey(state.value, state, RFC_N, "AQAB", NOW) for state in KeyState]

    published = key_set(keys)

    assert [each["kid"] for each in published["keys"]] == ["next", "current", "retiring"]
    assert {frozenset(each) for each in published["keys"]} == {
        frozenset({"kty", "use", "alg", "kid", "n", "e"})
    }
    assert jwt.PyJWKSet.from_dict(published).keys[0].algorithm_name == "RS256"


def test_an_assertion_is_accepted_by_an_independent_verifier(material: KeyMaterial) -> None:
    text = client_assertion(
        material.pem,
        material.kid,
        client_id="c1",
        audience="https://lms.example/token",
        now=NOW,
        jti="j1",
        deployment_id="7",
    )
    published = key_set([SigningKey(material.kid, KeyState.CURRENT, material.n, material.e, NOW)])
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(text)["kid"]]
    options = {"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "aud", "jti"]}

    claims = jwt.decode(
        text,
        key,
        algorithms=["RS256"],
        audience="https://lms.example/token",
        options=options,  # type: ignore[arg-type]
    )

    assert (claims["iss"], claims["sub"], claims["jti"]) == ("c1", "c1", "j1")
    assert claims["iat"] <= NOW.timestamp() - 2
    assert NOW.timestamp() < claims["exp"] <= claims["iat"] + 300
    assert claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"] == "7"
