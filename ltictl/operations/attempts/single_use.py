"""Enforce the single use of registration tokens and invitations, also between runs."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hmac import compare_digest

from ltictl.errors import (
    Actor,
    LtictlError,
    NeedsRecoveryError,
    NotFoundError,
    RefusedError,
    UnreadableError,
)
from ltictl.model.attempt import Attempt, Stage
from ltictl.model.integration import Integration
from ltictl.model.sentence import Sentence
from ltictl.operations.context import Context
from ltictl.operations.invite import invitation_problem
from ltictl.operations.organizations import integrations_of
from ltictl.platforms.table import family_of


def require_unused(context: Context, attempt: Attempt, *, is_update: bool) -> None:
    """Raise an error where another registration has used this one's token or invitation.

    Args:
        context: the profile.
        attempt: the attempt, intended and durable.
        is_update: whether the token changes a tool, and may have been used before.

    Raises:
        RefusedError: ``token_used``, or the invitation is spent, revoked or expired.
        NeedsRecoveryError: an attempt that was cut off used one of them.
        LtictlError: ``attempt_under_way``.
    """
    profile = context.profile
    looks: list[Callable[[], object]] = [partial(profile.attempts.claim_token, attempt)]
    if attempt.invitation:
        profile.look_again("invitations")  # its page may have been open for long
        looks += [profile.attempts.ids, partial(profile.invitations.get, attempt.invitation)]
    claim, *seen = profile.side_by_side(*looks)
    if claim.holder:
        raise _in_use(context, claim.holder)
    if not claim.is_first:
        # The run that had the token may have ended since this one listed the integrations.
        profile.look_again()
        _require_no_clash(context, attempt, profile.attempts.ids())
    if attempt.invitation:
        others, invitation = seen
        _require_no_clash(context, attempt, others)
        problem = invitation_problem(invitation, context.now())
        if problem is not None:
            raise problem
    # Not every LMS refuses a token that has made a tool: Canvas would make a second one.
    if attempt.token_sha256 and not is_update and not claim.is_first:
        _require_fresh_token(context, attempt, claim.former)


def _require_no_clash(context: Context, attempt: Attempt, unsettled: Iterable[str]) -> None:
    # This attempt is durable already, so of two runs at the same moment one sees the other.
    for identifier in unsettled:
        if identifier != attempt.id and _clashes(context, attempt, identifier):
            raise _in_use(context, identifier)


def _clashes(context: Context, attempt: Attempt, identifier: str) -> bool:
    attempts = context.profile.attempts
    try:
        other = attempts.get(identifier)
        if other.stage is Stage.INTENDED and not attempts.is_under_way(identifier):
            return False  # it never sent anything, and never will
    # Settled a moment ago, or damaged: ``require_settled_at`` has refused damaged ones before.
    except (NotFoundError, UnreadableError):
        return False
    same_token = bool(attempt.token_sha256) and _same_token(attempt, other)
    return same_token or (bool(attempt.invitation) and attempt.invitation == other.invitation)


def _same_token(attempt: Attempt, other: Attempt | Integration) -> bool:
    same = compare_digest(attempt.token_sha256, other.token_sha256)
    return same and attempt.platform.issuer == other.platform.issuer


def _in_use(context: Context, identifier: str) -> LtictlError:
    if context.profile.attempts.is_under_way(identifier):
        return LtictlError(
            "attempt_under_way",
            Sentence(
                "Another process is registering {id} with the same token or invitation.",
                id=repr(identifier),
            ),
            fix="Wait for it to end; each is for one registration.",
            actor=Actor.BOTH,
        )
    return NeedsRecoveryError(
        "attempt_unsettled",
        Sentence(
            "The registration {id}, which was cut off, used the same token or invitation.",
            id=repr(identifier),
        ),
        why="Each is for one registration; a second request could leave a second tool in the LMS.",
        fix=f"Run 'ltictl recover {identifier}' first.",
        attempt=identifier,
    )


def _require_fresh_token(context: Context, attempt: Attempt, former: tuple[str, ...]) -> None:
    for earlier in _where_it_may_be(context, attempt, former):
        if _same_token(attempt, earlier):
            raise RefusedError(
                "token_used",
                Sentence(
                    "This registration token was used before: {id} came of it.", id=repr(earlier.id)
                ),
                why="A token is for one registration. The same command was run once more, or the "
                "LMS's link was kept.",
                fix=f"See 'ltictl show {earlier.id}'. For another one, begin in the LMS again: it "
                "issues a fresh token.",
                actor=Actor.OPERATOR,
                data={"integration": earlier.id},
            )


def _where_it_may_be(
    context: Context, attempt: Attempt, former: tuple[str, ...]
) -> Iterator[Integration]:
    """Yield the integrations that may have used the token.

    Args:
        context: the profile.
        attempt: the attempt that has the token.
        former: ids of the settled attempts that had it before.
    """
    for identifier in former:
        if context.profile.integrations.exists(identifier):
            yield context.profile.integrations.get(identifier)
    if family_of(attempt.platform.family).updates_wait:
        yield from context.profile.integrations.all()
    else:  # reading all would make a registration cost more the more there are
        yield from integrations_of(context, attempt.organization)
