"""Sealed blocks: an LMS's parameters, encrypted by the relay page for one profile; pure.

The page writes ``ltictl1.INVITATION.EXPIRES.SENDER.SEALED``: ECDH on P-256 with a key of the page's
own, HKDF-SHA256, AES-256-GCM over a JSON object. The fields in the clear are its additional data.
``templates/relay.js`` is the other half of this module.
"""

import base64
import contextlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import LtictlError, UnreadableError, UsageError
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.model.moment import to_the_minute

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

VERSION: Final = "ltictl1"
_INFO: Final = b"ltictl sealed block 1"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PARTS: Final = 5
# Mail programs wrap lines, quote them with "> " and put spaces of several kinds in between.
_NOISE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
# The fourth part is a point of P-256: 65 bytes in base64url. The last one is bounded, since a
# person may paste anything.
_BLOCK: Final = re.compile(r"ltictl1\.[a-z0-9-]{1,63}\.\d{1,12}\.[\w-]{80,100}\.[\w-]{20,200000}")
_MARKS: Final = re.compile(r"-----(BEGIN|END) LTICTL SEALED BLOCK-----")


class LaunchedRegistration(Struct, frozen=True):
    """The parameters with which an LMS opened the registration URL.

    Attributes:
        token: value of ``t``, an invitation's id and secret; empty if none.
        configuration_url: value of ``openid_configuration``; its query may be a secret.
        registration_token: value of ``registration_token``, a secret; empty if none.
    """

    token: str
    configuration_url: str
    registration_token: str


def new_private_key() -> str:
    """Make a private key for ``open_block``, as PKCS#8 PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode("ascii")


def relay_public_key(private_key: str) -> str:
    """Return the public key of a private key: an uncompressed point, base64url."""
    return _encode(_point(_loaded(private_key)))


def looks_sealed(text: str) -> bool:
    """Return whether a pasted text is a sealed block, whole or damaged."""
    return f"{VERSION}." in text or _MARKS.search(text) is not None


def open_block(text: str, private_key: str, now: datetime) -> LaunchedRegistration:
    """Decrypt a block.

    Args:
        text: the text of a mail: wrapped, quoted, or with words around the block's marks.
        private_key: PEM, from ``new_private_key``.
        now: UTC.

    Raises:
        UsageError: ``block_damaged``: the text holds no whole block.
        LtictlError: ``block_expired`` or ``block_not_ours``.
    """
    parts = _parts(text)
    _, invitation, expires, *_ = parts
    plain = _decrypted(parts, private_key)
    # After the decryption, which proves that nobody changed the time.
    if now.timestamp() >= int(expires):
        raise _expired(int(expires))
    found = _parameters(plain)
    # The id in the clear is bound to the block, and must name the invitation inside.
    if found is None or not found.token.startswith(f"{invitation}."):
        raise _not_ours()
    return found


def _parts(text: str) -> list[str]:
    begin, end = text.find("-----BEGIN"), text.find("-----END")
    marked = 0 <= begin < end
    inner = text[begin:end] if marked else text
    found = _BLOCK.search(_NOISE.sub("", _MARKS.sub("", inner)))
    if found is None or (begin != end and not marked):  # one mark without the other: cut off
        raise UsageError(
            "block_damaged",
            "This is not a whole sealed block.",
            why="Its beginning or end was not copied, or a mail program changed it.",
            fix="Copy everything from the line BEGIN to the line END, and paste it again.",
        )
    return found[0].split(".")


def _decrypted(parts: list[str], private_key: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    own = _loaded(private_key)
    bound = ".".join(parts[: _PARTS - 1]).encode("ascii")
    try:
        point = _decode(parts[3])
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        # Both public keys are the salt, so that the key fits this pair of page and profile alone.
        material = _derived(own.exchange(ec.ECDH(), sender), point + _point(own))
        key, nonce = material[:_KEY_BYTES], material[_KEY_BYTES:]
        return AESGCM(key).decrypt(nonce, _decode(parts[4]), bound)
    except (InvalidTag, ValueError) as error:  # ValueError: no base64url, or no point of the curve
        raise _not_ours() from error


def _derived(shared: bytes, salt: bytes) -> bytes:
    """Derive the key and the nonce."""
    # The page uses its key once, so neither ever repeats.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), _KEY_BYTES + _NONCE_BYTES, salt, _INFO).derive(shared)


def _parameters(plain: bytes) -> LaunchedRegistration | None:
    try:
        members = parse_object(plain)
    except JsonError:
        return None
    values = [members.get(each) for each in ("t", "openid_configuration", "registration_token")]
    token, configuration, registration = (each if isinstance(each, str) else "" for each in values)
    if not token or not configuration:
        return None
    return LaunchedRegistration(token, configuration, registration)


def _loaded(private_key: str) -> "EllipticCurvePrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: object = None
    with contextlib.suppress(ValueError, UnsupportedAlgorithm):
        key = load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise UnreadableError(
            "damaged_relay_key",
            "The key that opens sealed blocks cannot be read.",
            why="secrets/_relay.toml was edited, or a disk or copy went wrong.",
            fix="Restore that file from a backup; or remove it and publish a new 'relay-page'.",
        )
    return key


def _point(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _expired(moment: int) -> LtictlError:
    return LtictlError(
        "block_expired",
        "This sealed block has expired.",
        why=f"It was good until {to_the_minute(datetime.fromtimestamp(moment, UTC))}, as long as "
        "the LMS's token; or a clock is wrong.",
        fix="Ask the LMS administrator to start the registration again and to send the new block.",
    )


def _not_ours() -> LtictlError:
    return LtictlError(
        "block_not_ours",
        "This sealed block cannot be opened.",
        why="It was sealed for another profile, or it was changed on its way.",
        fix="Compare the published page with 'ltictl relay-page' of this profile, and ask the LMS "
        "administrator for the block again.",
    )
