"""The signing keys of a profile: make one, find the one that signs, read it, publish the set."""

from collections.abc import Iterable

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.lti.keys import (
    KeyMaterial,
    belongs,
    generate_key,
    is_encrypted,
    is_sound,
    key_set,
    public_half,
)
from ltictl.lti.keys import opened as opened_pem
from ltictl.lti.served_keys import OwnKeys
from ltictl.model.profile import KeyManager, KeyPolicy
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey, as_they_count, signer_of
from ltictl.operations.context import Context
from ltictl.store.collection import Listing


def add_key(
    context: Context,
    policy: KeyPolicy,
    state: KeyState,
    promotion: int = 1,
    *,
    announce: bool = False,
) -> SigningKey:
    """Make a key: its private half is durable before anything names it.

    Args:
        context: the profile.
        policy: its length, and how long it is published before it signs.
        state: ``next``, or ``current`` where it has to sign at once.
        promotion: the number of its promotion, where it has to sign at once.
        announce: whether to run the hook for it.

    Raises:
        LtictlError: it could not be written.
    """
    material = generate_key(policy.bits, context.pem_passphrase())
    key = replace(new_key(context, policy, state, material, promotion), unannounced=announce)
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
    """Return a new key for its document; nothing is written."""
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
    """Return the number of the promotion that comes next."""
    return 1 + max((key.promotion for key in keys), default=0)


def stored_keys(context: Context) -> Listing[SigningKey]:
    """All keys as their documents have them, of which one signs also while a run is switching.

    The documents are read one after the other. A reader that takes the next key before it is
    promoted, and the former one after it was stopped, sees none sign; the promotion came first, so
    a second look sees it.
    """
    listing = context.profile.signing_keys.all()
    return listing if signer_of(listing) else context.profile.signing_keys.all()


def keys_as_they_count(context: Context) -> Listing[SigningKey]:
    """Return all keys, oldest first, with one that signs and no other that says so."""
    listing = stored_keys(context)
    return Listing(as_they_count(listing), listing.damaged)


def current_key(context: Context) -> SigningKey:
    """Return the key that signs.

    Raises:
        NotFoundError: there is none.
    """
    return signer_among(keys_as_they_count(context))


def current_kid(context: Context) -> str:
    """The kid of the key that signs, empty where none does: a record of a registration needs none.

    The running tool may hold its keys itself, or they may be lost.
    """
    try:
        return current_key(context).kid
    except LtictlError:
        return ""


def signer_among(listing: Listing[SigningKey]) -> SigningKey:
    """Return the one of these keys that signs.

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


def signing_pem(context: Context, key: SigningKey) -> bytes:
    """Return the private half of a key, without encryption.

    Raises:
        LtictlError: it is missing, or the passphrase does not open it.
    """
    pem = context.profile.private_keys.read(key.kid)
    return opened_pem(pem, context.passphrase()) if is_encrypted(pem) else pem


def whole_key(context: Context, key: SigningKey) -> SigningKey | None:
    """The key with the right public half; ``None`` where its document is damaged beyond that.

    A key is named after its public half (RFC 7638), so a damaged ``n`` or ``e`` shows, and the
    private half, where it can be read, holds both again.
    """
    if is_sound(key):
        return key
    try:
        n, e = public_half(signing_pem(context, key))
    except LtictlError:
        return None
    mended = replace(key, n=n, e=e)
    return mended if is_sound(mended) else None


def require_private_half(context: Context, key: SigningKey) -> None:
    """Check that a key could sign; an encrypted one is believed where no passphrase is at hand.

    Raises:
        LtictlError: its private half is missing, damaged, or that of another key.
    """
    pem, passphrase = context.profile.private_keys.read(key.kid), context.passphrase()
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
    """Whether a key made now would be stored in the clear, beside a signing one that is not."""
    try:
        pem = context.profile.private_keys.read(signer.kid)
    except LtictlError:  # lost, say: 'doctor' tells, and a new key is welcome
        return False
    return is_encrypted(pem) and not context.pem_passphrase()


def require_own_keys(policy: KeyPolicy) -> None:
    """Stop where the running tool holds the keys.

    Raises:
        LtictlError: ``keys_held_elsewhere``.
    """
    if policy.managed_by is KeyManager.EXTERNAL:
        raise LtictlError(
            "keys_held_elsewhere",
            "The running tool holds its own keys (keys.managed_by = 'external').",
            fix="Rotate them there. ltictl makes and rotates nothing for this profile.",
        )


def published_keys(context: Context) -> tuple[dict[str, list[dict[str, str]]], tuple[str, ...]]:
    """Return the published key set, and a warning for every damaged key document left out of it.

    One bad key in it would spoil the whole set for Moodle (recordings, 06 other-key-no-alg). Where
    the running tool holds the keys it is empty, whatever lies about from before.
    """
    if context.profile.settings().keys.managed_by is KeyManager.EXTERNAL:
        return key_set(()), ()
    listing = context.profile.signing_keys.all()
    unsound = [key.kid for key in listing if key.published and not is_sound(key)]
    warnings = [error.message for error in listing.damaged]
    warnings += [
        f"keys/{kid}.toml is left out of the key set: its n and e belong to another kid."
        for kid in unsound
    ]
    return key_set(key for key in listing if key.kid not in unsound), tuple(warnings)


def own_keys_of(keys: Iterable[SigningKey]) -> OwnKeys:
    """Return the keys that the published set has to hold, by kid, as LMSs have to get them."""
    sound = (key for key in keys if not key.published or is_sound(key))
    return {key["kid"]: key for key in key_set(sound)["keys"]}


def own_keys(context: Context) -> OwnKeys | None:
    """As ``own_keys_of`` for the profile; ``None`` where the running tool holds its keys."""
    if context.profile.settings().keys.managed_by is KeyManager.EXTERNAL:
        return None
    return own_keys_of(context.profile.signing_keys.all())


def set_to_publish(context: Context) -> tuple[dict[str, list[dict[str, str]]], tuple[str, ...]]:
    """As ``published_keys``, for a file that is to be served: never a set without a key.

    Raises:
        LtictlError: ``keys_held_elsewhere`` or ``no_published_key``. A set without keys would
            break every integration at once (recordings, 06 jwks-format/empty-set).
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
