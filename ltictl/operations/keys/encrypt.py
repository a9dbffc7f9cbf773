"""Encrypt private keys that were made without a passphrase; nothing decrypts them for good."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ltictl.errors import UsageError
from ltictl.lti.keys import is_encrypted, opened, read_key
from ltictl.operations.context import Context
from ltictl.store.private_keys import PrivateKeys

_ACTION = "keys encrypt"


class Encrypted(Struct, frozen=True):
    """The keys that a run encrypted, and those that were encrypted before."""

    encrypted: tuple[str, ...]
    already: tuple[str, ...]


def encrypt_keys(context: Context, kids: Sequence[str]) -> Encrypted:
    """Encrypt private keys in the clear with the profile's passphrase; twice is fine.

    Args:
        context: the profile.
        kids: the keys; none for all.

    Raises:
        NotFoundError: there is no such key, or its private half is not here.
        UsageError: ``passphrase_missing``.
        LtictlError: ``wrong_passphrase``: a key is encrypted with another one; nothing was changed.
    """
    keys = context.profile.private_keys
    for kid in kids:
        context.profile.signing_keys.get(kid)
    wanted = tuple(dict.fromkeys(kids)) or tuple(keys.ids())
    if not isinstance(keys, PrivateKeys):  # a shared store holds none in the clear
        return Encrypted((), wanted)
    passphrase = context.passphrase()
    if not passphrase:
        raise UsageError(
            "passphrase_missing",
            "The passphrase is missing.",
            why="Every later run needs it, so it comes from a place that stays.",
            fix="Set LTICTL_KEY_PASSPHRASE_FILE to a file that holds it, or "
            "keys.passphrase_command in profile.toml.",
        )
    with keys.turn(context.profile.lock_timeout):
        pems = {kid: keys.read(kid) for kid in dict.fromkeys((*keys.ids(), *wanted))}
        # One passphrase opens all keys of a profile: with two, no command could read both.
        for pem in pems.values():
            opened(pem, passphrase)
        plain = {kid: pem for kid, pem in pems.items() if kid in wanted and not is_encrypted(pem)}
        sealed = {kid: _seal(pem, passphrase) for kid, pem in plain.items()}
        _replace(context, keys, sealed)
    return Encrypted(tuple(plain), tuple(each for each in wanted if each not in plain))


def _seal(pem: bytes, passphrase: bytes) -> bytes:
    """Return an encrypted private key that was seen to open again."""
    material = read_key(pem, b"", passphrase)
    # Before the plain file is replaced: a defect here would lose the key.
    opened(material.pem, passphrase)
    return material.pem


def _replace(context: Context, keys: PrivateKeys, sealed: Mapping[str, bytes]) -> None:
    if not sealed:
        return
    with context.profile.recorder.entry(_ACTION) as entry:
        entry.begin()  # no document tells of it
        for kid, pem in sealed.items():
            keys.replace(kid, pem)
