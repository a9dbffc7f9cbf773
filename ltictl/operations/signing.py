"""Signing keys of a profile: making one, the one that signs, the published set."""

from ltictl.errors import NotFoundError
from ltictl.lti.keys import generate_key, key_set
from ltictl.model.profile import KeyPolicy
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.context import Context


def add_key(context: Context, policy: KeyPolicy, state: KeyState) -> SigningKey:
    """Make a key: its private half is durable before anything names it.

    Raises:
        LtictlError: it could not be written.
    """
    material = generate_key(policy.bits)
    now = context.now()
    key = SigningKey(
        kid=material.kid,
        state=state,
        n=material.n,
        e=material.e,
        created_at=now,
        promote_after=None if state is KeyState.CURRENT else now + policy.publish_for,
        promoted_at=now if state is KeyState.CURRENT else None,
    )
    context.profile.private_keys.add(key.kid, material.pem)
    context.profile.signing_keys.add(key)
    return key


def current_key(context: Context) -> SigningKey:
    """The key that signs.

    Raises:
        NotFoundError: there is none.
    """
    for key in context.profile.signing_keys.all():
        if key.state is KeyState.CURRENT:
            return key
    raise NotFoundError(
        "no_signing_key",
        "The profile has no current signing key.",
        why="The keys folder was lost, or its documents are damaged.",
        fix="Restore the folder 'keys', or run 'ltictl rotate-keys'.",
    )


def published_keys(context: Context) -> tuple[dict[str, list[dict[str, str]]], tuple[str, ...]]:
    """The published key set and a warning for every damaged key document left out of it."""
    listing = context.profile.signing_keys.all()
    return key_set(listing), tuple(error.message for error in listing.damaged)
