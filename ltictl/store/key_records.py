"""Documents of signing keys, and the keys they describe; apart, since ``list`` needs neither."""

from operator import attrgetter

from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.store.collection import Kind
from ltictl.store.fields import Fields, present
from ltictl.store.folder import Document


def signing_key_document(key: SigningKey) -> Document:
    """The document of a signing key: public half and dates."""
    return present(
        state=key.state.value,
        created_at=key.created_at,
        promote_after=key.promote_after,
        withdraw_after=key.withdraw_after,
        promoted_at=key.promoted_at,
        retired_at=key.retired_at,
        stopped_at=key.stopped_at,
        missed_at=key.missed_at,
        published_at=key.published_at,
        handed_on_at=key.handed_on_at,
        confirmed_at=key.confirmed_at,
        promotion=key.promotion or None,
        refetch_with=key.refetch_with,
        unannounced=key.unannounced or None,
        n=key.n,
        e=key.e,
    )


def signing_key_of(kid: str, document: Document) -> SigningKey:
    """The signing key that ``keys/KID.toml`` describes."""
    fields = Fields(document)
    return SigningKey(
        kid=kid,
        state=fields.choice("state", KeyState),
        n=fields.text("n"),
        e=fields.text("e"),
        created_at=fields.moment("created_at"),
        promote_after=fields.moment_or_none("promote_after"),
        withdraw_after=fields.moment_or_none("withdraw_after"),
        promoted_at=fields.moment_or_none("promoted_at"),
        retired_at=fields.moment_or_none("retired_at"),
        stopped_at=fields.moment_or_none("stopped_at"),
        missed_at=fields.moment_or_none("missed_at"),
        published_at=fields.moment_or_none("published_at"),
        handed_on_at=fields.moment_or_none("handed_on_at"),
        confirmed_at=fields.moment_or_none("confirmed_at"),
        promotion=fields.integer("promotion", 0),
        refetch_with=fields.text("refetch_with", ""),
        unannounced=fields.flag("unannounced"),
    )


SIGNING_KEYS = Kind(
    "keys",
    "signing key",
    "ltictl keys list",
    signing_key_of,
    signing_key_document,
    attrgetter("kid"),
)
