"""Turn the durable answer to an update into a changed integration."""

from contextlib import suppress

from ltictl.errors import LtictlError, NeedsRecoveryError
from ltictl.lti.answer import RegistrationAnswer, UnusableAnswerError, read_registration_of
from ltictl.model.attempt import Answer, Attempt
from ltictl.model.integration import Deployment, DeploymentSource, Integration, Scopes
from ltictl.model.record import replace
from ltictl.operations.attempts.from_answer import sent_by
from ltictl.operations.attempts.scrub import without_echo
from ltictl.operations.attempts.settle import Registered, platform_failed, understood
from ltictl.operations.client_registration.client_endpoint import (
    keep_fresh_token,
    refusal,
)
from ltictl.operations.context import Context
from ltictl.platforms.table import family_of


def settle_update(context: Context, attempt: Attempt) -> Registered:
    """Store the content of an update's answer, and settle the attempt.

    Args:
        context: the profile.
        attempt: at stage ``answered``.

    Raises:
        NotFoundError: the integration was removed here; the attempt stays.
        RefusedError: the LMS refused; nothing was changed there, and the attempt is settled.
        NeedsRecoveryError: the answer cannot be used or could not be stored; the attempt stays.
    """
    answer = attempt.answer
    if answer is None:
        raise AssertionError("settle_update needs an answered attempt")
    context.profile.integrations.get(attempt.id)  # no token for one that was removed meanwhile
    try:
        keep_fresh_token(context, attempt.id, answer)
    except LtictlError as error:
        raise update_not_stored(attempt, error) from error
    # The token is safe by now, so that a defect in reading costs nothing.
    with understood(attempt):
        _stop_on_refusal(context, attempt, answer)
        found = _read(context, attempt, answer)
    stored = _store(context, attempt, found)
    try:
        context.profile.attempts.settle(attempt.id)
    except LtictlError as error:
        raise update_not_stored(attempt, error) from error
    waiting = family_of(stored.platform.family).updates_wait
    warning = f"The update was submitted to {stored.platform.host}."
    warning += " It takes effect when an administrator accepts it there."
    return Registered(stored, updated=True, warnings=(warning,) if waiting else (), waiting=waiting)


def update_not_stored(attempt: Attempt, error: LtictlError) -> NeedsRecoveryError:
    """Return the error for a durable answer whose content could not be stored."""
    return NeedsRecoveryError(
        "update_not_stored",
        f"{attempt.platform.host} answered, but what it said of {attempt.id!r} could not be "
        f"stored: {error.message}",
        why="The answer itself is safe in the attempt. It may hold the only token that still "
        "opens the registration.",
        fix=f"Remove the cause, then run 'ltictl recover {attempt.id} --adopt'.",
        attempt=attempt.id,
    )


def _stop_on_refusal(context: Context, attempt: Attempt, answer: Answer) -> None:
    if not answer.complete or answer.succeeded:
        return
    shown = without_echo(answer, attempt)
    if answer.lms_failed:
        raise platform_failed(attempt, shown)
    with suppress(LtictlError):  # if it stays behind, the next command names it
        context.profile.attempts.settle(attempt.id)
    raise refusal(attempt.platform, shown)


def _read(context: Context, attempt: Attempt, answer: Answer) -> RegistrationAnswer:
    expected = context.profile.integrations.get(attempt.id).client_id
    try:
        return read_registration_of(answer, expected)
    except UnusableAnswerError as error:
        raise _unusable(attempt, str(error)) from error


def _unusable(attempt: Attempt, problem: str) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "answer_unusable",
        f"The answer of {attempt.platform.host} cannot be used: {problem}.",
        why="The LMS has probably changed the tool. The whole answer is kept.",
        fix=f"Run 'ltictl recover {attempt.id} --probe', which asks what the LMS has now.",
        attempt=attempt.id,
    )


def _store(context: Context, attempt: Attempt, found: RegistrationAnswer) -> Integration:
    now = context.now()

    def changed(former: Integration) -> Integration:
        # Deployments that a person added stay; an answer only adds.
        known = {each.id for each in former.deployments}
        fresh = found.deployment_id if found.deployment_id not in known else ""
        added = (Deployment(fresh, source=DeploymentSource.REGISTRATION),) if fresh else ()
        return replace(
            former,
            deployments=(*former.deployments, *added),
            scopes=Scopes(attempt.scopes, found.scopes, former.scopes.granted),
            client_uri=found.client_uri or former.client_uri,
            answer=found.document,
            request=sent_by(attempt),
            updated_at=now,
        )

    try:
        return context.profile.integrations.change(attempt.id, changed)
    except LtictlError as error:
        raise update_not_stored(attempt, error) from error
