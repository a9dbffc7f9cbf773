"""From a durable answer to a stored integration; the end of every registration, also a late one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

from ltictl.errors import (
    Actor,
    AlreadyExistsError,
    LtictlError,
    NeedsRecoveryError,
    RefusedError,
    UnreadableError,
)
from ltictl.lti.answer import (
    RegistrationAnswer,
    UnusableAnswerError,
    read_registration,
)
from ltictl.lti.refusal import read_refusal
from ltictl.lti.registration_token import without_token
from ltictl.model.attempt import Answer, Attempt, AttemptKind
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.operations.attempts.from_answer import (
    integration_of_answer,
    updated_by,
    warnings_of,
)
from ltictl.operations.attempts.repeated import told_of_change, waits, without_taken
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import numbered
from ltictl.operations.invite import spend_invitation
from ltictl.operations.organizations import integrations_of
from ltictl.platforms.table import cause_of, explain_refusal, family_of


class Registered(Struct, frozen=True):
    """A stored registration.

    Attributes:
        integration: as stored.
        updated: whether an earlier integration was changed instead of a new one added.
        warnings: what deserves attention.
        waiting: whether the change takes effect only when somebody in the LMS accepts it.
    """

    integration: Integration
    updated: bool
    warnings: tuple[str, ...] = ()
    waiting: bool = False


def settle_answer(context: Context, attempt: Attempt) -> Registered:
    """Turn a durable answer into an integration and settle the attempt.

    Args:
        context: the profile.
        attempt: at stage ``answered``.

    Raises:
        RefusedError: the LMS refused, or answered what cannot be used; in the second case, and
            where the LMS failed, the attempt stays.
        NeedsRecoveryError: the answer is durable, but storing the integration failed.
    """
    answer = attempt.answer
    if answer is None:
        raise AssertionError("settle_answer needs an answered attempt")
    with understood(attempt):
        _stop_on_refusal(context, attempt, answer)
        try:
            registration = read_registration(answer)
        except UnusableAnswerError as error:
            raise _unusable(attempt, answer, error) from error
    try:
        registered = _store(context, attempt, registration)
    except Exception as error:  # a defect of ours included: the LMS has made the tool
        raise _not_stored(attempt, registration, error) from error
    try:
        context.profile.attempts.settle(attempt.id)
    except LtictlError as error:
        raise _not_cleared(attempt, registered, error) from error
    return registered


@contextmanager
def understood(attempt: Attempt) -> Iterator[None]:
    """Tell of a defect in the reading of an answer, which is durable all the same.

    Raises:
        NeedsRecoveryError: something raised what nobody foresaw.
    """
    try:
        yield
    except LtictlError:
        raise
    except Exception as error:
        raise NeedsRecoveryError(
            "answer_unusable",
            f"The answer of {attempt.platform.host} could not be read ({type(error).__name__}).",
            why="This is a defect of ltictl. The LMS has acted; the whole answer is kept.",
            fix=f"Run 'ltictl recover {attempt.id}', which shows it, and report the defect.",
            attempt=attempt.id,
        ) from error


def _not_cleared(attempt: Attempt, done: Registered, error: LtictlError) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "attempt_not_cleared",
        f"{done.integration.id!r} is registered and stored (client_id "
        f"{done.integration.client_id!r}), but the attempt's file could not be removed: "
        f"{error.message}",
        why="The file may hold secrets, and the next registration at this LMS would stop at it.",
        fix=f"Remove the cause, then run 'ltictl recover {attempt.id} --adopt', which clears it.",
        attempt=attempt.id,
        data={"client_id": done.integration.client_id},
    )


def _stop_on_refusal(context: Context, attempt: Attempt, answer: Answer) -> None:
    if not answer.complete or 200 <= answer.status < 300:  # noqa: PLR2004  RFC 9110, 15.3
        return
    shown = replace(answer, body=without_token(answer.body, attempt.token_sha256))
    if answer.status >= 500:  # noqa: PLR2004  RFC 9110, 15.6: it may have acted before it failed
        raise platform_failed(attempt, shown)
    family, token_sent = family_of(attempt.platform.family), bool(attempt.token_sha256)
    refusal = read_refusal(shown.status, shown.body)
    error = explain_refusal(family, refusal, attempt.platform.host, token_sent=token_sent)
    with suppress(LtictlError):  # if it stays behind, the next command names it
        context.profile.attempts.settle(attempt.id)
    raise error


def platform_failed(attempt: Attempt, answer: Answer) -> NeedsRecoveryError:
    """The error for an LMS that failed, and may have acted before it did.

    Args:
        attempt: which stays.
        answer: what the LMS said, without the token that was sent.
    """
    refusal = read_refusal(answer.status, answer.body)
    said = f': "{refusal.words}"' if refusal.words else ""
    done = "changed" if attempt.kind is AttemptKind.UPDATE else "made"
    cause = cause_of(family_of(attempt.platform.family), refusal)
    return NeedsRecoveryError(
        "platform_failed",
        f"{attempt.platform.host} failed during the {attempt.kind.value} "
        f"(HTTP {answer.status}){said}.",
        why=f"{cause.why} It may have {done} the tool before it failed; only the LMS knows.",
        fix=f"Run 'ltictl recover {attempt.id}'. Nothing is sent again by itself. {cause.fix}",
        attempt=attempt.id,
        data={"status": answer.status, "words": refusal.words},
    )


def _unusable(attempt: Attempt, answer: Answer, error: UnusableAnswerError) -> LtictlError:
    kind = RefusedError if answer.complete else NeedsRecoveryError
    return kind(
        "answer_unusable",
        f"{attempt.platform.host} answered HTTP {answer.status}, but its answer cannot be used: "
        f"{error}.",
        why="The LMS has probably made the tool. The whole answer is kept.",
        fix=f"Look up the client_id in the LMS and run 'ltictl recover {attempt.id} "
        "--client-id VALUE'.",
        actor=Actor.OPERATOR,
        attempt=attempt.id,
    )


def _not_stored(
    attempt: Attempt, registration: RegistrationAnswer, error: Exception
) -> NeedsRecoveryError:
    told = error.message if isinstance(error, LtictlError) else f"({type(error).__name__})"
    return NeedsRecoveryError(
        "registration_not_stored",
        f"{attempt.platform.host} registered the tool as {registration.client_id!r}, but the "
        f"integration could not be stored: {told}",
        why="The answer itself is safe in the attempt.",
        fix=f"Remove the cause, then run 'ltictl recover {attempt.id} --adopt'.",
        attempt=attempt.id,
        data={"client_id": registration.client_id},
    )


def _store(context: Context, attempt: Attempt, answer: RegistrationAnswer) -> Registered:
    target = _target(context, attempt, answer.client_id)
    fresh, told = without_taken(context, integration_of_answer(context, attempt, answer))
    former = context.profile.integrations.get(target) if target else None
    if former is not None:
        _keep_token(context, target, answer)
        integrations = context.profile.integrations
        stored = integrations.change(target, lambda now: updated_by(now, fresh))
    else:
        stored = _add(context, fresh, answer)
    problems = mark_invitation_used(context, attempt, stored)
    waiting = waits(attempt, former, stored)
    return Registered(
        stored,
        updated=bool(target),
        warnings=(
            *warnings_of(stored, answer),
            *told,
            *told_of_change(former, stored, waiting=waiting),
            *problems,
        ),
        waiting=waiting,
    )


def _keep_token(context: Context, identifier: str, answer: RegistrationAnswer) -> None:
    """Store what allows changes later, before the integration, which then never lacks it."""
    if answer.access_token:
        token = {"registration_access_token": answer.access_token}
        context.profile.keep_secret(identifier, token)


def _add(context: Context, fresh: Integration, answer: RegistrationAnswer) -> Integration:
    """The integration as added; under the next free id if somebody took its own meanwhile."""
    for identifier in numbered(fresh.id):  # its own attempt holds the first one
        candidate = replace(fresh, id=identifier)
        if context.profile.integrations.exists(candidate.id):
            continue
        _keep_token(context, candidate.id, answer)
        try:
            context.profile.integrations.add(candidate)
        except AlreadyExistsError:
            continue  # another run took the id meanwhile
        else:
            return candidate
    raise AssertionError("counting has no end")


def mark_invitation_used(
    context: Context, attempt: Attempt, stored: Integration
) -> tuple[str, ...]:
    """Mark the attempt's invitation as used; a damaged one is no obstacle, but worth a warning."""
    if not attempt.invitation:
        return ()
    try:
        spend_invitation(context, attempt.invitation, stored.id)
    except UnreadableError as error:
        return (f"The invitation could not be marked as used: {error.message}",)
    return ()


def _target(context: Context, attempt: Attempt, client_id: str) -> str:
    """Id of the integration that the answer changes, empty if it adds one."""
    if attempt.replaces and context.profile.integrations.exists(attempt.replaces):
        return attempt.replaces
    return _same_client(context, attempt, client_id)


def _same_client(context: Context, attempt: Attempt, client_id: str) -> str:
    """Id of an integration that has this client_id already, empty if none.

    Canvas answers an update request with the registration that it knows; and after a crash the
    attempt's own integration may be stored already.
    """
    for known in integrations_of(context, attempt.organization):
        same_platform = known.platform.issuer == attempt.platform.issuer
        if same_platform and known.client_id == client_id:
            return known.id
    return ""
