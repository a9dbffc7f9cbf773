"""RSA keys, their thumbprints and the published key set (RFC 7517, 7518, 7638); no files.

A key set is built from integers that the documents hold: never from a private key.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ltictl.model.signing_key import SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_PUBLIC_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A new key pair.

    Attributes:
        kid: RFC 7638 thumbprint of the public half.
        n, e: public half as in a JWK.
        pem: private half, PKCS#8 PEM. Secret.
    """

    kid: str
    n: str
    e: str
    pem: bytes


def generate_key(bits: int) -> KeyMaterial:
    """Make an RSA key pair.

    Args:
        bits: modulus length; RFC 7518, 3.3 wants at least 2048.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa

    return _material(rsa.generate_private_key(_PUBLIC_EXPONENT, bits))


def _material(key: "RSAPrivateKey") -> KeyMaterial:
    from cryptography.hazmat.primitives import serialization

    numbers = key.public_key().public_numbers()
    n, e = encode_integer(numbers.n), encode_integer(numbers.e)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return KeyMaterial(thumbprint(n, e), n, e, pem)


def encode_integer(value: int) -> str:
    """Base64urlUInt of RFC 7518, 2: minimal big-endian octets (D2L rejects a leading zero)."""
    octets = value.to_bytes((value.bit_length() + 7) // 8 or 1, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def thumbprint(n: str, e: str) -> str:
    """RFC 7638 thumbprint of an RSA key: SHA-256 over its required members, base64url."""
    canonical = json.dumps({"e": e, "kty": "RSA", "n": n}, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(canonical.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def key_set(keys: Iterable[SigningKey]) -> dict[str, list[dict[str, str]]]:
    """The JWKS of the keys that belong into it (RFC 7517, 5).

    Every key carries ``alg`` and ``use``: older Moodle fails on a set in which any key lacks
    ``alg`` (recordings, 06 jwks-format/other-key-no-alg).
    """
    return {"keys": [_jwk(key) for key in keys if key.published]}


def _jwk(key: SigningKey) -> dict[str, str]:
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid, "n": key.n, "e": key.e}
