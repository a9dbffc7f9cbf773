"""Prove that a new key really signs, before the old one may be withdrawn.

The application must have the key (by a hook, by 'export', or by a person's word), and every active
integration's LMS must give a token for it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration, Status
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.context import Context
from ltictl.operations.keys.key_events import Did, KeyBook

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy


def confirm_signing(
    context: Context,
    book: KeyBook,
    policy: "Callable[[], GuardPolicy]",
    *,
    handed_on: bool,
    skip_verify: bool,
) -> tuple[str, ...]:
    """Confirm the signing key where an old one waits for that.

    Args:
        context: the profile.
        book: its keys; an earlier run promoted the signing one.
        policy: returns the limits of the requests.
        handed_on: whether a person says that the application has the key.
        skip_verify: whether to ask no LMS.

    Returns:
        The missing proofs, one sentence each.
    """
    signer = book.signer()
    if signer.confirmed_at or not any(each.state is KeyState.RETIRING for each in book.all()):
        return ()
    # A person's word counts like an export: ltictl cannot look into the application.
    if handed_on:
        book.hand_on(signer.kid)
    integrations = context.profile.integrations.all().items
    # Without integrations no launch depends on the former key.
    missing = _not_handed_on(context, book.signer()) if integrations else ()
    if not missing and not skip_verify:
        missing = _ask_for_tokens(context, policy, integrations, signer)
    if not missing:
        book.change(signer.kid, lambda key: replace(key, confirmed_at=book.now), Did.CONFIRMED)
    return missing


def note_handed_on(context: Context, kid: str) -> tuple[str, ...]:
    """Store that the application has a key with its private half.

    Returns:
        A warning where that could not be stored.
    """
    try:
        KeyBook(context).hand_on(kid)
    except LtictlError as error:
        return (f"It could not be noted that the tool has {kid}: {error.message}",)
    return ()


def _not_handed_on(context: Context, signer: SigningKey) -> tuple[str, ...]:
    hook = bool(context.profile.settings().hooks.after_change)
    # An export by a hook that failed afterwards has not reached the tool.
    if signer.handed_on_at and not (hook and signer.unannounced):
        return ()
    if hook:
        return ("The former key stays published until the hook has handed the new one on.",)
    missing = (
        "The former key stays published: without a hook, ltictl cannot know whether the running "
        f"tool signs with {signer.kid} already. Export it (ltictl export), then say so: "
        "ltictl rotate-keys --handed-on"
    )
    return (missing,)


def _ask_for_tokens(
    context: Context,
    policy: "Callable[[], GuardPolicy]",
    integrations: tuple[Integration, ...],
    signer: SigningKey,
) -> tuple[str, ...]:
    from ltictl.operations.token_rounds import ask_all, in_one_line  # most runs ask nobody

    # A pending tool may be switched off in its LMS, which then gives no token to any key.
    active = [each for each in integrations if each.status is Status.ACTIVE]
    try:
        refusals = ask_all(context, policy(), active, signer) if active else {}
    except LtictlError as error:
        return (f"The former key stays published: {error.message} {error.fix}".strip(),)
    if not any(refusals.values()):
        return ()
    missing = (
        f"The former key stays published: {signer.kid} brought no token at "
        f"{in_one_line(refusals)}. "
        "Settle that, deactivate what is out of use, or give --skip-verify."
    )
    return (missing,)
