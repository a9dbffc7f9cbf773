"""Seals blocks as the relay page's JavaScript does, for tests without a browser."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seal(key: str, invitation: str, expires: int, parameters: Any) -> str:
    """A block without its marks.

    Args:
        key: the profile's public key.
        invitation: id that is written in the clear.
        expires: seconds since the epoch.
        parameters: encrypted as JSON, or as they are if bytes.
    """
    profile = decoded(key)
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), profile)
    shared = own.exchange(ec.ECDH(), theirs)
    material = HKDF(SHA256(), 44, point + profile, b"ltictl sealed block 1").derive(shared)
    head = f"ltictl1.{invitation}.{expires}.{encoded(point)}"
    plain = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
    sealed = AESGCM(material[:32]).encrypt(material[32:], plain, head.encode())
    return f"{head}.{encoded(sealed)}"


def armoured(block: str, width: int = 64) -> str:
    """With its marks, in lines."""
    lines = [block[start : start + width] for start in range(0, len(block), width)]
    begin, end = (f"-----{word} LTICTL SEALED BLOCK-----" for word in ("BEGIN", "END"))
    return "\n".join([begin, *lines, end])


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
