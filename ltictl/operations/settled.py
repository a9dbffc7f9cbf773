"""Refuse a change at an LMS while an earlier registration there has no known outcome."""

from contextlib import suppress
from typing import Final

from ltictl.errors import NeedsRecoveryError, NotFoundError, UnreadableError
from ltictl.model.attempt import Attempt, AttemptKind
from ltictl.model.sentence import Sentence
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import id_stem
from ltictl.operations.survey import unsettled

CUT_OFF: Final = {
    AttemptKind.REGISTRATION: (
        "An earlier registration of {organization} at {host} was cut off, and its outcome is not "
        "known."
    ),
    AttemptKind.UPDATE: (
        "An earlier update of {organization} at {host} was cut off, and its outcome is not known."
    ),
    AttemptKind.LMS_CHANGE: (
        "An earlier change of {organization} at {host} was cut off, and its outcome is not known."
    ),
}


def require_settled_at(context: Context, organization: str, issuer: str) -> None:
    """Raise an error while the organization has an unsettled attempt at this issuer."""
    attempts, _ = unsettled(context)
    for attempt in attempts:
        if attempt.organization == organization and attempt.platform.issuer == issuer:
            raise _unsettled(attempt)
    _require_undamaged(context, organization)


def _require_undamaged(context: Context, organization: str) -> None:
    """Raise an error while the organization has a damaged attempt, which may be at this LMS."""
    for identifier in context.profile.attempts.ids():
        if not identifier.startswith(id_stem(organization)):
            continue
        with suppress(NotFoundError):  # settled just now
            try:
                context.profile.attempts.get(identifier)
            except UnreadableError as error:
                raise NeedsRecoveryError(
                    error.code,
                    error.message,
                    why=error.why,
                    fix=error.fix,
                    attempt=identifier,
                ) from error


def _unsettled(attempt: Attempt) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "attempt_unsettled",
        Sentence(
            CUT_OFF[attempt.kind],
            organization=repr(attempt.organization),
            host=attempt.platform.host,
        ),
        why="Registering again could leave a second, orphaned tool in the LMS.",
        fix=f"Run 'ltictl recover {attempt.id}' first.",
        attempt=attempt.id,
    )
