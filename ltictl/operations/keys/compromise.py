"""Withdraw a compromised key at once, and make LMSs that keep key sets forget it.

An LMS such as Moodle fetches the set again only when a signature does not fit its copy, and trusts
a withdrawn key until then (recordings, 06 rotation/05 to 09).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError
from ltictl.model.few import few
from ltictl.model.integration import Integration
from ltictl.model.profile import KeyPolicy
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey, signer_of
from ltictl.operations.context import Context
from ltictl.operations.hooks import require_hook
from ltictl.operations.keys.key_events import Did, KeyBook
from ltictl.operations.keys.publication import look_and_note
from ltictl.operations.keys.rotation import RETRY, Rotation, next_run
from ltictl.operations.signing import (
    keys_as_they_count,
    kids_with_private_half,
    require_own_keys,
    weakens,
)
from ltictl.operations.token_rounds import ask_all, in_one_line
from ltictl.platforms.family import KeyCache
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy

_EFFECTS = {
    KeyCache.NONE: "fetches your keys on every request and accepts the new key once you publish it",
    KeyCache.UNTIL_MISS: "trusts the old key until it sees a new one, which ltictl shows it",
    KeyCache.UNKNOWN: "may keep a copy of your keys for hours; until then it may trust the old key "
    "and refuse the new one",
}


def consequences(context: Context, kid: str) -> tuple[str, ...]:
    """Return the damage that withdrawing a key at once does, one sentence each.

    Raises:
        NotFoundError: there is no such key.
        LtictlError: ``keys_held_elsewhere``.
    """
    require_own_keys(context.profile.settings().keys)
    key = context.profile.signing_keys.get(kid)
    keys = keys_as_they_count(context).items
    found = [_about_signing(key, signer_of(keys), _successor(context, keys, kid))]
    by_cache: dict[KeyCache, list[str]] = {}
    for integration in context.profile.integrations.all():
        cache = family_of(integration.platform.family).key_cache
        by_cache.setdefault(cache, []).append(integration.id)
    found += [
        f"Each LMS of {few(ids)} {_EFFECTS[cache]}." for cache, ids in sorted(by_cache.items())
    ]
    return tuple(found)


def _about_signing(key: SigningKey, signer: SigningKey | None, successor: SigningKey | None) -> str:
    if signer is None or signer.kid != key.kid:
        return "It does not sign now: launches and services go on with the current key."
    if successor is None:
        who = "a new key takes its place that no LMS has seen yet"
    else:
        who = f"{successor.kid}, which waits already, takes its place"
    return (
        f"It signs now: {who}. Until your application has that key and LMSs know it, the tool "
        "gets no tokens there."
    )


def _successor(context: Context, keys: Sequence[SigningKey], kid: str) -> SigningKey | None:
    """Return the waiting key that can sign at once, one that LMSs have seen if possible."""
    there = kids_with_private_half(context, keys)
    waiting = [
        key for key in keys if key.state is KeyState.NEXT and key.kid != kid and key.kid in there
    ]
    # A published key is known to some LMSs already: fewer requests fail meanwhile.
    order = sorted(waiting, key=lambda key: (key.published_at is None, key.created_at, key.kid))
    return order[0] if order else None


def withdraw_compromised(
    context: Context, policy: "Callable[[], GuardPolicy]", kid: str
) -> Rotation:
    """Withdraw a key, publish the set without it, and let every LMS fetch that.

    A second run does the part that an earlier one could not complete.

    Raises:
        NotFoundError: there is no such key.
        LtictlError: as in ``rotate_keys``.
    """
    settings = context.profile.settings()
    require_own_keys(settings.keys)
    require_hook(context)
    context.profile.signing_keys.get(kid)
    with context.profile.private_keys.turn(context.profile.lock_timeout):
        book = KeyBook(context)
        book.put_in_order(settings.keys)
        unseen = _withdraw(context, book, settings.keys, kid)
        # The application has to have the new set before an LMS is made to fetch it.
        book.announce()
        incomplete, warnings = _have_lms_forget(context, book, policy, kid, unseen)
        keys = book.all()
        soon = next_run(keys, book.now, RETRY)
        return Rotation(keys, soon, tuple(book.steps), warnings, incomplete)


def _withdraw(context: Context, book: KeyBook, policy: KeyPolicy, kid: str) -> SigningKey:
    """Let another key sign, then withdraw, and return a key that no LMS has seen."""
    key = context.profile.signing_keys.get(kid)
    known = next((each for each in book.all() if each.kid == key.refetch_with), None)
    # A second run goes on with the key that the first one made.
    if key.state is KeyState.RETIRED and known is not None and known.published:
        return known
    unseen = _replace_signer(context, book, policy, kid)
    book.change(kid, lambda each: each.withdrawn(book.now, unseen.kid), Did.WITHDRAWN)
    if key.state is KeyState.RETIRED:
        book.change(kid, lambda each: replace(each, refetch_with=unseen.kid))
    return unseen


def _replace_signer(context: Context, book: KeyBook, policy: KeyPolicy, kid: str) -> SigningKey:
    if weakens(context, book.signer()):
        raise LtictlError(
            "passphrase_needed",
            "The new key would be stored in the clear, and the present one is encrypted.",
            fix="Set LTICTL_KEY_PASSPHRASE or LTICTL_KEY_PASSPHRASE_FILE; a new one will do.",
        )
    if book.signer().kid != kid:
        return book.make(policy, KeyState.NEXT)
    successor = _successor(context, book.all(), kid)
    if successor is None:
        return book.make(policy, KeyState.CURRENT)
    book.promote(successor.kid)
    return book.make(policy, KeyState.NEXT)


# Signed with a key that no LMS has seen, since one that was published before would fit the old
# copy.
def _have_lms_forget(
    context: Context,
    book: KeyBook,
    policy: "Callable[[], GuardPolicy]",
    kid: str,
    unseen: SigningKey,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return why an LMS may still trust the key, and warnings about the published set."""
    integrations = context.profile.integrations.all().items
    if not integrations:
        return (), ()
    publication, warnings = look_and_note(context, book, policy())
    # An LMS that fetches too early would learn the stolen key once more.
    problem = publication.still_serves(kid) or publication.lacks(unseen.kid)
    if problem:
        return (f"The published key set is not up to date: {problem}.",), warnings
    without = [each.id for each in integrations if not each.platform.has_services]
    askable = [each for each in integrations if each.platform.has_services]
    return _ask(context, policy, askable, unseen), (*warnings, *_cannot_be_asked(without))


def _cannot_be_asked(without: Sequence[str]) -> tuple[str, ...]:
    """Return a warning about integrations without services, which no run can ask."""
    if not without:
        return ()
    warning = (
        f"{few(without)}: no services, so ltictl cannot have that LMS forget the key; it "
        "follows when it reads the key set again."
    )
    return (warning,)


def _ask(
    context: Context,
    policy: "Callable[[], GuardPolicy]",
    integrations: Sequence[Integration],
    unseen: SigningKey,
) -> tuple[str, ...]:
    try:
        refusals = ask_all(context, policy(), integrations, unseen)
    except LtictlError as error:
        return (f"{error.message} {error.fix}".strip(),)
    found = []
    if any(refusals.values()):
        found.append(f"No token for the new key at {in_one_line(refusals)}.")
    silent = [each.id for each in integrations if each.id not in refusals]
    if silent:
        found.append(f"No service was registered at {few(silent)}, so it cannot be asked.")
    return tuple(found)
