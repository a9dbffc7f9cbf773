"""Claims of one-use registration tokens in a shared store: one document for each token.

An attempt claims its token before it sends anything, and a copied integration brings its own. A
token without a document was therefore never used in this store.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from ltictl.model.attempt import Attempt, TokenClaim
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import TOKENS

_FORMER: Final = "former"


def claim_token(bucket: Bucket, attempt: Attempt, unsettled: Callable[[], list[str]]) -> TokenClaim:
    """Claim the token of an attempt among all machines.

    Args:
        bucket: the store.
        attempt: the attempt that is about to use its token.
        unsettled: returns the ids of all attempts that are not settled.

    Raises:
        LtictlError: the claim could not be written.
    """
    if not attempt.token_sha256:
        return TokenClaim(is_first=True)
    # Named by its digest: the store must not hold the token itself.
    path = f"{TOKENS}/{attempt.token_sha256}"
    mine = {"attempt": attempt.id, "created_at": attempt.created_at.isoformat()}
    while True:
        # A conflict is another run that claims it at the same moment: look again.
        with suppress(ConflictError, MissingError):
            try:
                bucket.create(path, mine)
            except ConflictError:
                return _reclaim(bucket, path, mine, unsettled)
            return TokenClaim(is_first=True)


def note_used_token(bucket: Bucket, token_sha256: str, integration: str) -> None:
    """Record the token of an integration that was copied from another place.

    Raises:
        LtictlError: it could not be written.
    """
    with suppress(ConflictError):  # an attempt of this store, or an earlier copy
        bucket.create(f"{TOKENS}/{token_sha256}", {"attempt": integration})


def _reclaim(
    bucket: Bucket, path: str, mine: Mapping[str, str], unsettled: Callable[[], list[str]]
) -> TokenClaim:
    bucket.look_again()  # another run had the token, and may have settled its attempt since
    document, version = bucket.read(path)
    other, former = str(document.get("attempt", "")), document.get(_FORMER, ())
    holders = tuple(map(str, former)) if isinstance(former, list) else ()
    if all(document.get(name) == value for name, value in mine.items()):
        return TokenClaim(former=holders)
    if other != mine["attempt"] and other in unsettled():
        return TokenClaim(other)
    # All that ever had it stay named: a run that is refused had it for a moment, too.
    holders = tuple(dict.fromkeys((*holders, other)))
    bucket.replace(path, {**mine, _FORMER: list(holders)}, version)
    return TokenClaim(former=holders)
