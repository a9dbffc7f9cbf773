"""Public RSA keys as programs print them: a JWK, PEM, DER, or base64 of DER."""

import base64
import binascii
from typing import TYPE_CHECKING

from ltictl.lti.keys import encode_integer
from ltictl.lti.strict_json import JsonError, parse_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_MIN_BITS = 2048  # RFC 7518, 3.3


def read_public_key(printed: bytes) -> tuple[str, str]:
    """Return ``n`` and ``e`` as in a JWK.

    Raises:
        ValueError: it is no public RSA key of 2048 bits or more; the text says why.
    """
    key = _from_jwk(printed) if printed.lstrip()[:1] == b"{" else _from_document(printed)
    if key.key_size < _MIN_BITS:
        raise ValueError(f"it has {key.key_size} bits, and RS256 needs 2048 (RFC 7518, 3.3)")
    numbers = key.public_numbers()
    return encode_integer(numbers.n), encode_integer(numbers.e)


def signature_fits(n: str, e: str, data: bytes, signature: bytes) -> bool:
    """Return whether an RS256 signature of ``data`` is by the key with this public half."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        _from_numbers(n, e).verify(signature, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _from_jwk(printed: bytes) -> "RSAPublicKey":
    try:
        document = parse_object(printed)
    except JsonError as error:
        raise ValueError(f"it is no JSON: {error}") from error
    inner = document.get("key", document)  # as Azure's client prints it
    if not isinstance(inner, dict) or inner.get("kty") not in {"RSA", "RSA-HSM"}:
        raise ValueError("it is no JWK of an RSA key")
    try:
        return _from_numbers(str(inner["n"]), str(inner["e"]))
    except (KeyError, ValueError) as error:
        raise ValueError("it lacks n or e, or they are no numbers of a key") from error


def _from_numbers(n: str, e: str) -> "RSAPublicKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    modulus, exponent = (
        int.from_bytes(base64.urlsafe_b64decode(each + "=" * (-len(each) % 4)), "big")
        for each in (n, e)
    )
    return RSAPublicNumbers(exponent, modulus).public_key()


def _from_document(printed: bytes) -> "RSAPublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        load_der_public_key,
        load_pem_public_key,
    )

    try:
        if b"-----BEGIN" in printed:
            key = load_pem_public_key(printed)
        else:
            key = load_der_public_key(_der(printed))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("it is neither a JWK nor PEM nor DER of a public key") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("it is no RSA key, which LTI's RS256 needs")  # noqa: TRY004  of the bytes
    return key


def _der(printed: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(printed.split()), validate=True)
    except (binascii.Error, ValueError):
        return printed
