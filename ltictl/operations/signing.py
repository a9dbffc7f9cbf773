"""Make, find, read and publish the signing keys of a profile."""

from collections.abc import Iterable

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.lti.keys import (
    KeyMaterial,
    belongs,
    generate_key,
    is_encrypted,
    is_sound,
    key_set,
    private_half_held,
    public_half,
    thumbprint,
)
from ltictl.lti.keys import opened as opened_pem
from ltictl.lti.served_keys import OwnKeys
from ltictl.model.profile import KeyManager, KeyPolicy
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey, as_they_count, signer_of
from ltictl.operations.context import Context
from ltictl.operations.key_signer import make_held_key, read_held
from ltictl.store.listing import Listing


def add_key(
    context: Context,
    policy: KeyPolicy,
    state: KeyState,
    promotion: int = 1,
    *,
    announce: bool = False,
) -> SigningKey:
    """Make and store a key.

    Args:
        context: the profile.
        policy: its length, and its wait before it signs.
        state: ``next``, or ``current`` for a key that signs at once.
        promotion: the number of its promotion, for a key that signs at once.
        announce: whether to run the hook for it.

    Raises:
        LtictlError: it could not be written.
    """
    if policy.signer:
        name, n, e = make_held_key(context.profile, policy.bits)
        material = KeyMaterial(thumbprint(n, e), n, e, b"")
    else:
        name, material = "", generate_key(policy.bits, context.pem_passphrase())
    key = replace(
        new_key(context, policy, state, material, promotion), unannounced=announce, held_as=name
    )
    if not name:
        # Before the document: no document may name a key whose private half a crash has lost.
        context.profile.private_keys.add(key.kid, material.pem)
    context.profile.signing_keys.add(key)
    return key


def new_key(
    context: Context,
    policy: KeyPolicy,
    state: KeyState,
    material: KeyMaterial,
    promotion: int = 1,
) -> SigningKey:
    """Return a new key without storing it."""
    now = context.now()
    key = SigningKey(
        kid=material.kid,
        state=KeyState.NEXT,
        n=material.n,
        e=material.e,
        created_at=now,
        promote_after=now + policy.publish_for,
    )
    if state is not KeyState.CURRENT:
        return key
    return key.promoted(now, promotion)


def next_promotion(keys: Iterable[SigningKey]) -> int:
    """Return the number of the next promotion."""
    return 1 + max((key.promotion for key in keys), default=0)


# Documents are read one by one: a reader that takes the next key before its promotion and the
# former one after its stop sees none sign. A second look sees the promotion.
def stored_keys(context: Context) -> Listing[SigningKey]:
    """Return all stored keys, with one that signs even while another run switches."""
    listing = context.profile.signing_keys.all()
    return listing if signer_of(listing) else context.profile.signing_keys.all()


def keys_as_they_count(context: Context) -> Listing[SigningKey]:
    """Return all keys, oldest first, with exactly one that signs."""
    listing = stored_keys(context)
    return Listing(as_they_count(listing), listing.damaged)


def current_key(context: Context) -> SigningKey:
    """Return the signing key.

    Raises:
        NotFoundError: there is none.
    """
    return signer_among(keys_as_they_count(context))


# A record of a registration needs none: the application may hold its keys itself.
def current_kid(context: Context) -> str:
    """Return the kid of the signing key, empty where none signs."""
    try:
        return current_key(context).kid
    except LtictlError:
        return ""


def signer_among(listing: Listing[SigningKey]) -> SigningKey:
    """Return the signing one of these keys.

    Raises:
        NotFoundError: there is none.
    """
    signer = signer_of(listing)
    if signer is None:
        damaged = "; ".join(error.message for error in listing.damaged)
        raise NotFoundError(
            "no_signing_key",
            "The profile has no current signing key.",
            why=damaged or "The keys folder was lost, or its documents are damaged.",
            fix="Restore the folder 'keys', or run 'ltictl rotate-keys'.",
        )
    return signer


def kids_with_private_half(context: Context, keys: Iterable[SigningKey]) -> frozenset[str]:
    """Return the kids of keys whose private half the profile or a signer holds."""
    held = (key.kid for key in keys if key.held_as)
    return frozenset((*context.profile.private_keys.ids(), *held))


def signing_pem(context: Context, key: SigningKey) -> bytes:
    """Return the private half of a key, decrypted.

    Raises:
        LtictlError: it is missing, a signer holds it, or the passphrase does not open it.
    """
    if key.held_as:
        raise private_half_held(key)
    pem = context.profile.private_keys.read(key.kid)
    return opened_pem(pem, context.passphrase()) if is_encrypted(pem) else pem


# A kid is the thumbprint of the public half (RFC 7638), so damage shows, and the private half holds
# both numbers again.
def whole_key(context: Context, key: SigningKey) -> SigningKey | None:
    """Return a key with its right public half, ``None`` where it cannot be restored."""
    if is_sound(key):
        return key
    try:
        n, e = _restored_half(context, key)
    except LtictlError:
        return None
    mended = replace(key, n=n, e=e)
    return mended if is_sound(mended) else None


def _restored_half(context: Context, key: SigningKey) -> tuple[str, str]:
    if key.held_as:
        return read_held(context.profile, key.held_as)
    return public_half(signing_pem(context, key))


def require_private_half(context: Context, key: SigningKey) -> None:
    """Check that a key could sign, as far as the passphrase allows.

    Raises:
        LtictlError: its private half is missing, damaged, or that of another key.
    """
    if key.held_as:
        if read_held(context.profile, key.held_as) != (key.n, key.e):
            raise LtictlError(
                "key_mismatch",
                f"The signer holds another key as {key.held_as!r} than {key.kid}.",
                why="keys.signer names another signer now, or somebody replaced the key there.",
                fix="Correct keys.signer; if the key is lost: "
                f"ltictl rotate-keys --compromised {key.kid}",
            )
        return
    pem, passphrase = context.profile.private_keys.read(key.kid), context.passphrase()
    # Not every command has the passphrase at hand, and asking for it here would stop cron.
    if is_encrypted(pem) and not passphrase:
        return
    path = context.profile.private_keys.place(key.kid)
    fix = f"Restore it; if it is lost: ltictl rotate-keys --compromised {key.kid}"
    try:
        its_own = belongs(pem, passphrase, key)
    except LtictlError as error:
        if error.code != "key_unusable":
            raise
        raise LtictlError(
            error.code, f"{path} is no usable private key.", why=error.why, fix=fix
        ) from error
    if not its_own:
        raise LtictlError(
            "key_mismatch",
            f"{path} is the private half of another key.",
            why="The file was replaced or copied over.",
            fix=fix,
        )


def weakens(context: Context, signer: SigningKey) -> bool:
    """Return whether a new key would be stored in the clear beside an encrypted one."""
    if context.profile.settings().keys.signer:  # it is stored nowhere here
        return False
    try:
        pem = context.profile.private_keys.read(signer.kid)
    except LtictlError:  # perhaps lost: 'doctor' reports it, and a new key is welcome
        return False
    return is_encrypted(pem) and not context.pem_passphrase()


def require_own_keys(policy: KeyPolicy) -> None:
    """Raise an error where the application holds the keys.

    Raises:
        LtictlError: ``keys_held_elsewhere``.
    """
    if policy.managed_by is KeyManager.EXTERNAL:
        raise LtictlError(
            "keys_held_elsewhere",
            "Your application holds its own keys (keys.managed_by = 'external').",
            fix="Rotate them there. ltictl makes and rotates nothing for this profile.",
        )


# One bad key spoils the whole set for Moodle (recordings, 06 other-key-no-alg). Where the running
# tool holds the keys, old ones of the profile do not count.
def published_keys(context: Context) -> tuple[dict[str, list[dict[str, str]]], tuple[str, ...]]:
    """Return the published key set, and a warning for each damaged key left out of it."""
    if context.profile.settings().keys.managed_by is KeyManager.EXTERNAL:
        return key_set(()), ()
    listing = context.profile.signing_keys.all()
    unsound = [key.kid for key in listing if key.published and not is_sound(key)]
    warnings = [error.message for error in listing.damaged]
    warnings += [
        f"{context.profile.signing_keys.place(kid)} is left out of the key set: its n and e belong "
        "to another kid."
        for kid in unsound
    ]
    return key_set(key for key in listing if key.kid not in unsound), tuple(warnings)


def own_keys_of(keys: Iterable[SigningKey]) -> OwnKeys:
    """Return the keys that the published set has to hold, by kid."""
    sound = (key for key in keys if not key.published or is_sound(key))
    return {key["kid"]: key for key in key_set(sound)["keys"]}


def own_keys(context: Context) -> OwnKeys | None:
    """Return the published keys by kid, ``None`` where the application holds its keys."""
    if context.profile.settings().keys.managed_by is KeyManager.EXTERNAL:
        return None
    return own_keys_of(context.profile.signing_keys.all())


# A set without keys would break every integration at once (recordings, 06 jwks-format/empty-set).
def set_to_publish(context: Context) -> tuple[dict[str, list[dict[str, str]]], tuple[str, ...]]:
    """Return the key set for a file on a web server, which is never empty.

    Raises:
        LtictlError: ``keys_held_elsewhere`` or ``no_published_key``.
    """
    require_own_keys(context.profile.settings().keys)
    found, warnings = published_keys(context)
    if found["keys"]:
        return found, warnings
    raise UnreadableError(
        "no_published_key",
        "There is no key to publish.",
        why="; ".join(warnings) or "The keys folder was lost.",
        fix="Restore the folder 'keys', or run 'ltictl rotate-keys'.",
    )
