"""Import a private key that the tool has used before."""

from ltictl.errors import LtictlError
from ltictl.lti.keys import KeyMaterial, read_key
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, signer_of
from ltictl.operations.context import Context
from ltictl.operations.hooks import require_hook
from ltictl.operations.keys.key_events import KeyBook
from ltictl.operations.keys.rotation import RETRY, Rotation, next_run
from ltictl.operations.signing import new_key, next_promotion, require_own_keys, stored_keys


def import_key(context: Context, pem: bytes) -> Rotation:
    """Add a key as ``next``, or as ``current`` where no key signs yet.

    The key is published under its thumbprint (RFC 7638). An LMS that knows it under another name
    sees a new key, with the usual wait.

    Args:
        context: the profile; its passphrase opens the key where it is encrypted.
        pem: RSA key, PKCS#1 or PKCS#8.

    Raises:
        LtictlError: ``key_unusable``, ``keys_held_elsewhere``, ``key_exists``, or the
            passphrase does not open it.
    """
    settings = context.profile.settings()
    require_own_keys(settings.keys)
    require_hook(context)
    passphrase = context.passphrase()
    material = read_key(pem, passphrase, context.pem_passphrase())
    with context.profile.private_keys.turn(context.profile.lock_timeout):
        stored = stored_keys(context)
        signs = signer_of(stored) is not None
        state = KeyState.NEXT if signs else KeyState.CURRENT
        key = new_key(context, settings.keys, state, material, next_promotion(stored))
        _keep_private_half(context, material)
        owed = bool(settings.hooks.after_change)
        context.profile.signing_keys.add(replace(key, unannounced=owed))
        book = KeyBook(context)
        book.announce()
        keys = book.all()
        return Rotation(keys, next_run(keys, book.now, RETRY))


def _keep_private_half(context: Context, material: KeyMaterial) -> None:
    """Write the private half, unless an earlier run did."""
    keys, kid = context.profile, material.kid
    if keys.signing_keys.exists(kid):
        raise LtictlError(
            "key_exists",
            f"The profile has this key already: {kid}.",
            fix="Nothing is left to do. 'ltictl keys list' shows where it stands.",
        )
    # A run that was cut off wrote the half, and not the document.
    if kid not in keys.private_keys.ids():
        keys.private_keys.add(kid, material.pem)
