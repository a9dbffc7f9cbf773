"""RSA keys, their thumbprints and the published key set (RFC 7517, 7518, 7638); no files."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.key_file import key_unusable, pem_in
from ltictl.model.signing_key import SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_PUBLIC_EXPONENT = 65537
_MIN_BITS = 2048  # RFC 7518, 3.3
_MAKE = "Let ltictl make one instead: ltictl rotate-keys"
_ENCRYPTED = (b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED")


class KeyMaterial(Struct, frozen=True):
    """A new key pair.

    Attributes:
        kid: RFC 7638 thumbprint of the public half.
        n, e: public half as in a JWK.
        pem: private half, PKCS#8 PEM, encrypted where a passphrase was given. Secret.
    """

    kid: str
    n: str
    e: str
    pem: bytes


def generate_key(bits: int, passphrase: bytes = b"") -> KeyMaterial:
    """Make an RSA key pair.

    Args:
        bits: modulus length; RFC 7518, 3.3 requires at least 2048.
        passphrase: encrypts the private half; empty for none.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa

    return _material(rsa.generate_private_key(_PUBLIC_EXPONENT, bits), passphrase)


def read_key(pem: bytes, former_passphrase: bytes, passphrase: bytes = b"") -> KeyMaterial:
    """Read a key pair that another program made, and write its private half in ltictl's form.

    Args:
        pem: PKCS#1 or PKCS#8, encrypted or not; or in a form that ``ltictl.lti.key_file`` knows.
        former_passphrase: decrypts ``pem`` where it is encrypted.
        passphrase: encrypts the private half in the result; empty for none.

    Raises:
        LtictlError: ``key_unusable``, or as in ``opened``.
    """
    return _material(_loaded(pem_in(pem), former_passphrase, check=True), passphrase)


def opened(pem: bytes, passphrase: bytes) -> bytes:
    """Return the PEM decrypted, or unchanged where it is not encrypted.

    Raises:
        LtictlError: ``passphrase_needed``, ``wrong_passphrase`` or ``key_unusable``.
    """
    return _material(_loaded(pem, passphrase), b"").pem if is_encrypted(pem) else pem


def private_key(pem: bytes) -> "RSAPrivateKey":
    """Read an unencrypted private key once, for many signatures.

    Raises:
        LtictlError: as in ``opened``.
    """
    return _loaded(pem, b"")


def is_encrypted(pem: bytes) -> bool:
    """Return whether a private key cannot be read without its passphrase."""
    return any(mark in pem for mark in _ENCRYPTED)


def belongs(pem: bytes, passphrase: bytes, key: SigningKey) -> bool:
    """Return whether a private half belongs to ``key``.

    Raises:
        LtictlError: as in ``opened``.
    """
    numbers = _loaded(pem, passphrase).public_key().public_numbers()
    return (encode_integer(numbers.n), encode_integer(numbers.e)) == (key.n, key.e)


def public_half(pem: bytes) -> tuple[str, str]:
    """Return ``n`` and ``e`` of an unencrypted private key, as in a JWK.

    Raises:
        LtictlError: as in ``opened``.
    """
    numbers = private_key(pem).public_key().public_numbers()
    return encode_integer(numbers.n), encode_integer(numbers.e)


def private_half_held(key: SigningKey) -> LtictlError:
    """Return the error for the private half of a key that ``keys.signer`` holds."""
    return LtictlError(
        "private_half_held",
        f"The private half of {key.kid} cannot be had: keys.signer holds it.",
        why=f"The signer knows the key as {key.held_as!r}, and it never leaves the signer.",
        fix="Let the tool sign by the same signer. Without private keys: ltictl export json",
    )


def is_sound(key: SigningKey) -> bool:
    """Return whether the key's name is the thumbprint of its public half (RFC 7638)."""
    return key.n.isascii() and key.e.isascii() and thumbprint(key.n, key.e) == key.kid


def _loaded(pem: bytes, passphrase: bytes, *, check: bool = False) -> "RSAPrivateKey":
    """Read the private key in ``pem``; ``check`` tests its numbers, which takes 30 ms."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    encrypted = is_encrypted(pem)
    if encrypted and not passphrase:
        raise LtictlError(
            "passphrase_needed",
            "The private key is encrypted, and no passphrase was given.",
            fix="Set LTICTL_KEY_PASSPHRASE, or LTICTL_KEY_PASSPHRASE_FILE to a file that holds it.",
        )
    secret = passphrase if encrypted else None
    try:
        key = serialization.load_pem_private_key(
            pem, secret, unsafe_skip_rsa_key_validation=not check
        )
    except Exception as error:
        raise _unreadable(pem, encrypted=encrypted) from error
    if not isinstance(key, RSAPrivateKey):
        raise key_unusable("It is no RSA key, which LTI's RS256 needs.", _MAKE)
    if key.key_size < _MIN_BITS:
        raise key_unusable(f"It has {key.key_size} bits; RS256 needs 2048 (RFC 7518, 3.3).", _MAKE)
    return key


def _unreadable(pem: bytes, *, encrypted: bool) -> LtictlError:
    if encrypted:
        return LtictlError(
            "wrong_passphrase",
            "The passphrase does not open the private key.",
            why="It belongs to another key, or the file is damaged.",
            fix="Correct LTICTL_KEY_PASSPHRASE or the file named by LTICTL_KEY_PASSPHRASE_FILE.",
        )
    if b"BEGIN OPENSSH PRIVATE KEY" in pem:
        fix = "Convert a copy of it: ssh-keygen -p -m PKCS8 -f COPY"
        return key_unusable("It is in OpenSSH's own format.", fix)
    if b"PUBLIC KEY-----" in pem or b"BEGIN CERTIFICATE" in pem:
        return key_unusable("It is a public key or a certificate.", "Give its private half.")
    why = "It is damaged, or neither PEM (PKCS#1, PKCS#8) nor a private JWK."
    return key_unusable(why, "Take it from a backup, or convert it: openssl pkey -in FILE -out PEM")


def _material(key: "RSAPrivateKey", passphrase: bytes) -> KeyMaterial:
    from cryptography.hazmat.primitives import serialization as forms

    numbers = key.public_key().public_numbers()
    n, e = encode_integer(numbers.n), encode_integer(numbers.e)
    encryption = forms.BestAvailableEncryption(passphrase) if passphrase else forms.NoEncryption()
    pem = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, encryption)
    return KeyMaterial(thumbprint(n, e), n, e, pem)


def public_pem(n: str, e: str) -> str:
    """Return the PEM (SubjectPublicKeyInfo) of a public key with ``n`` and ``e`` as in a JWK."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    numbers = rsa.RSAPublicNumbers(_integer(e), _integer(n))
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return numbers.public_key().public_bytes(encoding, form).decode("ascii")


def _integer(value: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), "big")


def encode_integer(value: int) -> str:
    """Encode an integer as Base64urlUInt (RFC 7518, 2), in minimal big-endian octets."""
    # D2L rejects a leading zero.
    octets = value.to_bytes((value.bit_length() + 7) // 8 or 1, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def thumbprint(n: str, e: str) -> str:
    """Return the RFC 7638 thumbprint of an RSA key: SHA-256 over required members, base64url."""
    canonical = json.dumps({"e": e, "kty": "RSA", "n": n}, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(canonical.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def key_set(keys: Iterable[SigningKey]) -> dict[str, list[dict[str, str]]]:
    """Return the key set (JWKS) of the published keys (RFC 7517, 5)."""
    # It comes from the public integers in the documents, so it needs no passphrase. Every key has
    # 'alg' and 'use': older Moodle fails on a set in which any key lacks 'alg' (recordings, 06
    # jwks-format/other-key-no-alg).
    return {"keys": [_jwk(key) for key in keys if key.published]}


def _jwk(key: SigningKey) -> dict[str, str]:
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid, "n": key.n, "e": key.e}
