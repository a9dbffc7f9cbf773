"""Turn a durable answer into a stored integration, and settle its attempt."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from msgspec import Struct

from ltictl.errors import (
    Actor,
    LtictlError,
    NeedsRecoveryError,
    OperatorWarning,
    RefusedError,
    UnreadableError,
)
from ltictl.lti.answer import (
    RegistrationAnswer,
    UnusableAnswerError,
    read_registration,
)
from ltictl.lti.kept_answer import holds_registration, kept_ids, read_kept
from ltictl.lti.refusal import read_refusal
from ltictl.model.attempt import Answer, Attempt, AttemptKind
from ltictl.model.integration import Integration
from ltictl.model.sentence import Sentence
from ltictl.operations.attempts.from_answer import integration_of_answer, warnings_of
from ltictl.operations.attempts.placement import place
from ltictl.operations.attempts.repeated import change_warnings, waits, without_taken
from ltictl.operations.attempts.scrub import without_echo
from ltictl.operations.context import Context
from ltictl.operations.invite import planned_spending, spend_invitation
from ltictl.platforms.table import cause_of, explain_refusal, family_of

FAILED = {
    AttemptKind.REGISTRATION: "{host} failed during the registration {report}.",
    AttemptKind.UPDATE: "{host} failed during the update {report}.",
    AttemptKind.LMS_CHANGE: "{host} failed during the change {report}.",
}
MADE = "{cause} It may have made the tool before it failed; only the LMS knows."
CHANGED = "{cause} It may have changed the tool before it failed; only the LMS knows."


class Registered(Struct, frozen=True):
    """A stored registration.

    Attributes:
        integration: the stored integration.
        updated: whether an earlier integration was changed instead of a new one added.
        warnings: one sentence each.
        waiting: whether an administrator has to accept the change in the LMS first.
        new_client: whether the LMS made a new tool, which has to be switched on there.
    """

    integration: Integration
    updated: bool
    warnings: tuple[str, ...] = ()
    waiting: bool = False
    new_client: bool = True


def settle_answer(
    context: Context, attempt: Attempt, *, kept: bool = False, secrets: Sequence[str] = ()
) -> Registered:
    """Turn a durable answer into an integration and settle the attempt.

    Args:
        context: the profile.
        attempt: the attempt at stage ``answered``.
        kept: whether a person looks at the answer, so that faults in it are no obstacle.
        secrets: texts that may not be quoted, beside the token.

    Raises:
        RefusedError: the LMS refused, or answered what cannot be used; in the second case, and
            where the LMS failed, the attempt stays.
        NeedsRecoveryError: the answer is durable, but storing the integration failed.
    """
    answer = attempt.answer
    if answer is None:
        raise AssertionError("settle_answer needs an answered attempt")
    with understood(attempt):
        _stop_on_refusal(context, attempt, without_echo(answer, attempt, secrets))
        try:
            registration = read_kept(answer) if kept else read_registration(answer)
        except UnusableAnswerError as error:
            raise _unusable(attempt, answer, error) from error
    try:
        registered = _store(context, attempt, registration)
    except Exception as error:  # a defect of ours included: the LMS has made the tool
        raise _not_stored(attempt, registration, error) from error
    # Last: until here a crash leaves the attempt, which 'recover' can finish.
    try:
        context.profile.attempts.settle(attempt.id)
    except LtictlError as error:
        raise _not_cleared(attempt, registered, error) from error
    return registered


@contextmanager
def understood(attempt: Attempt) -> Iterator[None]:
    """Turn a defect in the reading of an answer into an error that names the attempt.

    Raises:
        NeedsRecoveryError: an unexpected error interrupted it.
    """
    try:
        yield
    except LtictlError:
        raise
    except Exception as error:
        raise NeedsRecoveryError(
            "answer_unusable",
            Sentence(
                "The answer of {host} could not be read ({defect}).",
                host=attempt.platform.host,
                defect=type(error).__name__,
            ),
            why="This is a defect of ltictl. The LMS has acted; the whole answer is kept.",
            fix=f"Run 'ltictl recover {attempt.id}', which shows it, and report the defect.",
            attempt=attempt.id,
        ) from error


def _not_cleared(
    attempt: Attempt, registered: Registered, error: LtictlError
) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "attempt_not_cleared",
        f"{registered.integration.id!r} is registered and stored (client_id "
        f"{registered.integration.client_id!r}), but the attempt's file could not be removed: "
        f"{error.message}",
        why="The file may hold secrets, and the next registration at this LMS would stop at it.",
        fix=f"Remove the cause, then run 'ltictl recover {attempt.id} --adopt', which clears it.",
        attempt=attempt.id,
        data={"client_id": registered.integration.client_id},
    )


def _stop_on_refusal(context: Context, attempt: Attempt, answer: Answer) -> None:
    # A cut answer shows no refusal: the part that is missing may hold the client_id.
    if not answer.complete or answer.succeeded:
        return
    if answer.lms_failed:
        raise platform_failed(attempt, answer)
    family, token_sent = family_of(attempt.platform.family), bool(attempt.token_sha256)
    refusal = read_refusal(answer.status, answer.body)
    error = explain_refusal(family, refusal, attempt.platform.host, token_sent=token_sent)
    with suppress(LtictlError):  # if it stays behind, the next command names it
        context.profile.attempts.settle(attempt.id)
    raise error


def platform_failed(attempt: Attempt, answer: Answer) -> NeedsRecoveryError:
    """Return the error for an LMS that failed, and may have acted before.

    Args:
        attempt: the attempt, which stays.
        answer: the LMS's answer, without the token that was sent.
    """
    refusal = read_refusal(answer.status, answer.body)
    cause = cause_of(family_of(attempt.platform.family), refusal)
    acted = MADE if attempt.kind is AttemptKind.REGISTRATION else CHANGED
    return NeedsRecoveryError(
        "platform_failed",
        Sentence(FAILED[attempt.kind], host=attempt.platform.host, report=refusal.report),
        why=Sentence(acted, cause=Sentence(cause.why)),
        fix=f"Run 'ltictl recover {attempt.id}'. Nothing is sent again by itself. {cause.fix}",
        attempt=attempt.id,
        data={"status": answer.status, "words": refusal.words},
    )


def _unusable(attempt: Attempt, answer: Answer, error: UnusableAnswerError) -> LtictlError:
    # The missing part of a cut answer may hold the client_id, so nothing is settled yet.
    kind = RefusedError if answer.complete else NeedsRecoveryError
    return kind(
        "answer_unusable",
        Sentence(
            "{host} answered HTTP {status}, but its answer cannot be used: {problem}.",
            host=attempt.platform.host,
            status=answer.status,
            problem=error.problem,
        ),
        why=Sentence("The LMS has probably made the tool. The whole answer is kept."),
        fix=_way_out(attempt, answer),
        actor=Actor.OPERATOR,
        attempt=attempt.id,
    )


def _not_stored(
    attempt: Attempt, registration: RegistrationAnswer, error: Exception
) -> NeedsRecoveryError:
    cause = error.message if isinstance(error, LtictlError) else f"({type(error).__name__})"
    return NeedsRecoveryError(
        "registration_not_stored",
        f"{attempt.platform.host} registered the tool as {registration.client_id!r}, but the "
        f"integration could not be stored: {cause}",
        why="The answer itself is safe in the attempt.",
        fix=f"Remove the cause, then run 'ltictl recover {attempt.id} --adopt'.",
        attempt=attempt.id,
        data={"client_id": registration.client_id},
    )


def _way_out(attempt: Attempt, answer: Answer) -> str:
    if holds_registration(answer):
        return f"Run 'ltictl recover {attempt.id} --adopt', which stores what can be read of it."
    # The LMS chose the client_id: in a command to paste it must not become shell.
    known = shlex.quote(kept_ids(answer).client_id)
    value = known if kept_ids(answer).client_id else "VALUE"
    where = family_of(attempt.platform.family).place
    return (
        f"Look for the client_id in the LMS ({where}), and run 'ltictl recover {attempt.id} "
        f"--client-id {value}'."
    )


def _store(context: Context, attempt: Attempt, answer: RegistrationAnswer) -> Registered:
    fresh, taken_warnings = without_taken(context, integration_of_answer(context, attempt, answer))
    with context.profile.recorder.entry() as entry:
        # One entry of the log for both: a crash between them shows as one open entry, which names
        # the invitation too.
        entry.along = planned_spending(context, attempt.invitation, attempt.id)
        placed = place(context, attempt, fresh, answer.access_token)
        problems = mark_invitation_used(context, attempt, placed.stored)
    waiting = waits(attempt, placed)
    return Registered(
        placed.stored,
        updated=placed.before is not None,
        warnings=(
            *warnings_of(placed.stored, answer),
            *taken_warnings,
            *change_warnings(attempt, placed, waiting=waiting),
            *problems,
        ),
        waiting=waiting,
        new_client=placed.before is None or placed.before.client_id != placed.stored.client_id,
    )


def mark_invitation_used(
    context: Context, attempt: Attempt, stored: Integration
) -> tuple[str, ...]:
    """Mark an attempt's invitation as used, and return a warning where it cannot be marked."""
    if not attempt.invitation:
        return ()
    try:
        spend_invitation(context, attempt.invitation, stored.id)
    # A damaged invitation must not hide a registration that is stored.
    except UnreadableError as error:
        return (OperatorWarning(f"The invitation could not be marked as used: {error.message}"),)
    return ()
