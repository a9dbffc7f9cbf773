"""Claims of one-use registration tokens in a shared store: one document for each token."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from ltictl.model.attempt import Attempt
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import TOKENS

_FORMER: Final = "former"


def claim_token(
    bucket: Bucket, attempt: Attempt, unsettled: Callable[[], list[str]]
) -> tuple[str, tuple[str, ...]]:
    """Claim the token of an attempt among all machines.

    Args:
        bucket: the store.
        attempt: the attempt that is about to use its token.
        unsettled: returns the ids of all attempts that are not settled.

    Returns:
        The unsettled attempt that has the token, and the settled ones that had it; empty for none.

    Raises:
        LtictlError: the claim could not be written.
    """
    if not attempt.token_sha256:
        return "", ()
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
            return "", ()


def _reclaim(
    bucket: Bucket, path: str, mine: Mapping[str, str], unsettled: Callable[[], list[str]]
) -> tuple[str, tuple[str, ...]]:
    document, version = bucket.read(path)
    other, former = str(document.get("attempt", "")), document.get(_FORMER, ())
    held = tuple(map(str, former)) if isinstance(former, list) else ()
    if all(document.get(name) == value for name, value in mine.items()):
        return "", held
    if other != mine["attempt"] and other in unsettled():
        return other, ()
    # All that ever had it stay named: a run that is refused had it for a moment, too.
    held = tuple(dict.fromkeys((*held, other)))
    bucket.replace(path, {**mine, _FORMER: list(held)}, version)
    return "", held
