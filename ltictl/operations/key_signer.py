"""Private keys that never leave their holder: the command in ``keys.signer`` makes them and signs.

Its last words are ``new BITS``, ``public NAME`` or ``sign NAME`` (docs/how-to/signer.md).
"""

import base64
import binascii
import re
import shlex
from typing import Final

from ltictl.errors import LtictlError
from ltictl.lti.public_key import read_public_key, signature_fits
from ltictl.model.signing_key import SigningKey
from ltictl.operations.own_command import run_for_output
from ltictl.store.profile import Profile

_SETTING: Final = "keys.signer"
_LONGEST_NAME: Final = 1024
# Vault writes its own prefix before the base64 of a signature.
_VAULT: Final = re.compile(rb"^vault:v\d+:")


def make_held_key(profile: Profile, bits: int) -> tuple[str, str, str]:
    """Have the signer make a key pair, and return its name there and its ``n`` and ``e``.

    Raises:
        LtictlError: ``signer_failed`` or ``signer_unusable``.
    """
    name = _run(profile, ("new", str(bits))).decode("utf-8", "replace").strip()
    # The name is a word of later commands: a leading hyphen would make an option of it.
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or name.startswith("-"):
        raise _unusable(profile, ("new", str(bits)), "printed no name of a key")
    return (name, *read_held(profile, name))


def read_held(profile: Profile, name: str) -> tuple[str, str]:
    """Return ``n`` and ``e`` of a key as the signer has it now.

    Raises:
        LtictlError: ``signer_failed`` or ``signer_unusable``.
    """
    printed = _run(profile, ("public", name))
    try:
        return read_public_key(printed)
    except ValueError as error:
        raise _unusable(
            profile, ("public", name), f"printed no usable public key: {error}"
        ) from error


def sign_with_held(profile: Profile, key: SigningKey, data: bytes) -> bytes:
    """Return the RS256 signature of ``data`` by a held key.

    Raises:
        LtictlError: ``signer_failed`` or ``signer_unusable``.
    """
    words = ("sign", key.held_as)
    for signature in _readings(_run(profile, words, data)):
        # An LMS would refuse a wrong one with words about anything but the signer.
        if signature_fits(key.n, key.e, data, signature):
            return signature
    raise _unusable(profile, words, f"printed no RS256 signature by the key {key.kid}")


def _readings(printed: bytes) -> list[bytes]:
    """Return what the printed bytes may mean: a signature, or its base64 or base64url."""
    # Some tools of key services print raw bytes, some base64 or base64url, wrapped at any width
    # (docs/how-to/signer.md).
    text = _VAULT.sub(b"", b"".join(printed.split()))
    plain = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return [printed, base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)]
    except (binascii.Error, ValueError):
        return [printed]


def _run(profile: Profile, words: tuple[str, ...], stdin: bytes = b"") -> bytes:
    argv = profile.settings().keys.signer
    if not argv:
        raise LtictlError(
            "signer_missing",
            "A signer holds the signing key, and profile.toml names none.",
            why=f"{_SETTING} was removed, or this copy of profile.toml lacks it.",
            fix=f"Set {_SETTING} again; 'ltictl help signer' shows examples.",
        )

    def failed(how: str) -> LtictlError:
        return LtictlError(
            "signer_failed",
            f"The signer {argv[0]} {how} when it was called with {words[0]!r}.",
            why=f"{_SETTING} in profile.toml names it. Its output is not shown: it may hold a PIN.",
            fix=f"Run it by itself: {shlex.join((*argv, *words))}",
        )

    return run_for_output(profile, _SETTING, (*argv, *words), failed, given=stdin)


def _unusable(profile: Profile, words: tuple[str, ...], how: str) -> LtictlError:
    argv = profile.settings().keys.signer
    return LtictlError(
        "signer_unusable",
        f"The signer {argv[0]} {how}.",
        why=f"{_SETTING} in profile.toml names it; 'ltictl help signer' says what it must print.",
        fix=f"Run it by itself: {shlex.join((*argv, *words))}",
    )
