"""Makes and verifies signed tokens, with the platform's key and in its order of checks.

The checks are spelled out here instead of left to a JWT library's claim validation, because their
order, their missing leeway and their words are what tools get to see (recordings, facts 3 and 6).
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm, get_default_algorithms
from msgspec import Struct

_SEGMENTS = 3
_ALGORITHMS = get_default_algorithms()
# What the platform's JWT library knows; which of them a key allows is the key's business.
_KNOWN = {"RS256", "RS384", "RS512", "ES256", "ES384", "HS256", "HS384", "HS512", "EdDSA"}


class TokenError(Exception):
    """A token that does not verify; the text is the platform's own."""


class VerifyingKey(Struct, frozen=True):
    """A public key and the one algorithm it may be used with."""

    algorithm: str
    key: Any

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Return whether the signature over the message was made with the private half."""
        return bool(_ALGORITHMS[self.algorithm].verify(message, self.key, signature))


class PlatformKey(Struct, frozen=True):
    """The platform's signing key; it lives as long as the embedded LMS."""

    kid: str
    private: rsa.RSAPrivateKey

    @classmethod
    def generate(cls) -> Self:
        """Return a fresh RSA-2048 key under a random key id."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return cls(secrets.token_hex(10), private)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a JWT with the header that recording 03-registration-token/decoded shows."""
        return jwt.encode(dict(claims), self.private, "RS256", headers={"kid": self.kid})

    def key_set(self) -> dict[str, Any]:
        """Return the public half as the platform publishes it (recording 02-platform-jwks)."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        public = {"kty": "RSA", "alg": "RS256", "kid": self.kid}
        return {"keys": [public | {"e": numbers["e"], "n": numbers["n"], "use": "sig"}]}

    def verifying(self) -> dict[str, VerifyingKey]:
        """Return the public half by its key id, for checking the platform's own tokens."""
        return {self.kid: VerifyingKey("RS256", self.private.public_key())}


def verify(token: str, keys: Mapping[str, VerifyingKey], now: float) -> dict[str, Any]:
    """Return the claims of a token signed by one of the keys and valid at this second.

    Raises:
        TokenError: naming the first check that failed.
    """
    header, claims = unverified(token)
    message, _, signature = token.rpartition(".")
    key = _key_for(header, keys)
    if not key.accepts(message.encode(), _decode(signature)):
        raise TokenError("Signature verification failed")
    _check_times(claims, int(now))
    return claims


def unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that is not verified yet."""
    parts = token.split(".")
    if len(parts) != _SEGMENTS:
        raise TokenError("Wrong number of segments")
    return _object(parts[0], "header"), _object(parts[1], "claims")


def _key_for(header: Mapping[str, Any], keys: Mapping[str, VerifyingKey]) -> VerifyingKey:
    algorithm = str(header.get("alg"))
    if algorithm not in _KNOWN:
        raise TokenError("Algorithm not supported")
    kid = header.get("kid")
    if not kid:
        raise TokenError('"kid" empty, unable to lookup correct key')
    key = keys.get(str(kid))
    if key is None:
        raise TokenError('"kid" invalid, unable to lookup correct key')
    # By the key's own algorithm: a header that may choose it could sign with the public half.
    if key.algorithm != algorithm:
        raise TokenError("Incorrect key for this algorithm")
    return key


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    """Check the times of a token."""
    # Recordings, fact 6: without leeway, and a missing 'exp' passes.
    issued, expires = _number(claims, "iat"), _number(claims, "exp")
    if issued is not None and int(issued) > now:
        moment = datetime.fromtimestamp(int(issued), UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
        raise TokenError(f"Cannot handle token with iat prior to {moment}")
    if expires is not None and now >= expires:
        raise TokenError("Expired token")


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise TokenError(f"Payload {name} must be a number")


def _object(segment: str, what: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(segment))
    except ValueError as error:
        raise TokenError("Syntax error, malformed JSON") from error
    if not isinstance(value, dict):
        raise TokenError(f"Invalid {what} encoding")
    return value


def _decode(segment: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error as error:
        raise TokenError("Syntax error, malformed JSON") from error
