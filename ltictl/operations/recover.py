"""Settle an attempt that was cut off: with the answer that was kept, by asking the LMS, by hand."""

import asyncio
from dataclasses import replace

from ltictl.errors import LtictlError, NeedsRecoveryError, NotFoundError
from ltictl.lti.access_token import TokenAnswer
from ltictl.model.attempt import Answer, Attempt, Stage
from ltictl.model.integration import Integration, Status, check_identifier
from ltictl.net.client import GuardedClient, GuardPolicy
from ltictl.operations.attempt import Registered, integration_of_attempt, settle_answer
from ltictl.operations.context import Context
from ltictl.operations.invite import spend_invitation
from ltictl.operations.signing import current_key
from ltictl.operations.verify import request_token
from ltictl.platforms.table import family_of

_MARK_BYTES = 6
# Words of a token endpoint that knows the client but grants nothing of what was asked.
_KNOWN_CLIENT_ERRORS = ("invalid_scope",)


def unsettled_attempt(context: Context, identifier: str) -> Attempt:
    """One attempt that was cut off.

    Raises:
        NotFoundError: there is none of that id.
        LtictlError: ``attempt_under_way``: a living process is carrying it out.
        UnreadableError: its file is damaged.
    """
    context.profile.require()
    attempts = context.profile.attempts
    if identifier not in attempts.ids():
        raise NotFoundError(
            "no_such_attempt",
            f"There is no unsettled registration {identifier[:80]!r}.",
            fix="'ltictl recover' lists those that there are.",
        )
    if attempts.is_under_way(identifier):
        raise LtictlError(
            "attempt_under_way",
            f"The registration {identifier!r} is under way in another process.",
            fix="Wait for it to end.",
        )
    return attempts.get(identifier)


def adopt(context: Context, identifier: str) -> Registered:
    """Store what a kept answer says.

    Raises:
        LtictlError: ``no_answer_kept``.
        RefusedError: the answer is a refusal (then the attempt is settled) or cannot be used.
    """
    attempt = unsettled_attempt(context, identifier)
    if attempt.stage is not Stage.ANSWERED:
        raise LtictlError(
            "no_answer_kept",
            f"No answer of {attempt.platform.host} was kept for {identifier!r}.",
            why="ltictl was stopped, or the connection broke, before the answer was read.",
            fix=f"Look into the LMS's list of tools, or run 'ltictl recover {identifier} --probe'.",
        )
    return settle_answer(context, attempt)


def adopt_client(context: Context, identifier: str, client_id: str) -> Registered:
    """Store an integration with a client_id that a person read in the LMS.

    Raises:
        InvalidValueError: that cannot be a client_id.
        LtictlError: it could not be stored.
    """
    attempt = unsettled_attempt(context, identifier)
    check_identifier(client_id, "--client-id")
    return _stored(context, attempt, client_id)


def _stored(context: Context, attempt: Attempt, client_id: str) -> Registered:
    fresh = integration_of_attempt(context, attempt, client_id)
    integrations = context.profile.integrations
    if attempt.replaces:
        stored = integrations.change(attempt.replaces, lambda former: _same(former, fresh))
    elif integrations.exists(attempt.id):
        stored = integrations.change(attempt.id, lambda former: _same(former, fresh))
    else:
        integrations.add(fresh)
        stored = fresh
    if attempt.invitation:
        spend_invitation(context, attempt.invitation, stored.id)
    context.profile.attempts.settle(attempt.id)
    return Registered(stored, updated=bool(attempt.replaces))


def _same(former: Integration, fresh: Integration) -> Integration:
    if former.client_id == fresh.client_id:
        return former
    past = (*former.former_client_ids, former.client_id)
    return replace(
        former,
        client_id=fresh.client_id,
        former_client_ids=past,
        status=Status.PENDING,
        updated_at=fresh.updated_at,
    )


def forget(context: Context, identifier: str) -> str:
    """Put an attempt aside, unsettled, and return where it is now.

    Raises:
        NotFoundError: there is none of that id.
    """
    attempts = context.profile.attempts
    context.profile.require()
    if identifier in attempts.ids() and not attempts.is_under_way(identifier):
        mark = f"{context.now():%Y%m%dT%H%M%S}-{context.random_text(_MARK_BYTES)}"
        return str(attempts.set_aside(identifier, mark))
    unsettled_attempt(context, identifier)
    raise AssertionError("an attempt that is neither absent nor under way was not put aside")


def probe(context: Context, policy: GuardPolicy, identifier: str) -> Registered | None:
    """Ask the LMS, by reading only, whether the registration arrived.

    A token is asked for as the client that the registration would have made. Nothing is sent to
    the registration endpoint, since a second request could make a second client.

    Returns:
        The stored integration, or ``None`` where it never arrived; the attempt is then put aside.

    Raises:
        LtictlError: ``probe_impossible`` where this LMS gives no way to tell.
        NeedsRecoveryError: the LMS's answer decides nothing.
    """
    attempt = unsettled_attempt(context, identifier)
    family = family_of(attempt.platform.family)
    if not family.subject_is_client or not attempt.token_subject or attempt.replaces:
        raise LtictlError(
            "probe_impossible",
            f"{family.title} gives no safe way to find out by itself.",
            why="The client_id cannot be known beforehand there, and asking again could register "
            "a second tool.",
            fix=f"Look into the LMS's list of tools. If the tool is there: 'ltictl recover "
            f"{identifier} --client-id VALUE', else 'ltictl recover {identifier} --forget'.",
        )
    answer = _ask(context, policy, attempt)
    known = answer.granted is not None or answer.error.startswith(_KNOWN_CLIENT_ERRORS)
    if known:
        return _stored(context, attempt, attempt.token_subject)
    if answer.error.startswith("invalid_client"):
        forget(context, identifier)
        return None
    raise NeedsRecoveryError(
        "probe_undecided",
        f'{attempt.platform.host} answered "{answer.error}", which decides nothing.',
        why="The LMS could not read the tool's key set, or failed.",
        fix=f"Look into the LMS's list of tools for the client_id {attempt.token_subject!r}. "
        f"If it is there: 'ltictl recover {identifier} --client-id {attempt.token_subject}'.",
    )


def _ask(context: Context, policy: GuardPolicy, attempt: Attempt) -> TokenAnswer:
    expected = integration_of_attempt(context, attempt, attempt.token_subject)

    async def asking() -> TokenAnswer:
        async with GuardedClient(policy) as client:
            return await request_token(context, client, expected, current_key(context))

    return asyncio.run(asking())


def kept_words(answer: Answer | None) -> str:
    """The beginning of a kept answer, for a person to look at."""
    return answer.body[:300].decode("utf-8", "replace") if answer else ""
