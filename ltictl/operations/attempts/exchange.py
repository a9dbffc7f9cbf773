"""The one request of an attempt, recorded before it leaves, and its raw answer.

This module does not know what the request asks for, and sends nothing twice.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from msgspec import Struct, field

from ltictl.errors import LtictlError, NeedsRecoveryError, UnreadableError
from ltictl.model.attempt import Answer, Attempt, AttemptKind
from ltictl.model.sentence import Sentence
from ltictl.net.reply import Reply
from ltictl.operations.attempts.lost_answer import keep_elsewhere
from ltictl.operations.context import Context
from ltictl.store.profile import Journal

_MAX_HEADER = 200  # characters; more would not fit into the reserved room beside the longest body
# URL, headers, body and what to do before the first byte leaves -> the LMS's reply.
Send = Callable[[str, dict[str, str], bytes, Callable[[], None]], Reply]


class Request(Struct, frozen=True):
    """A request to an LMS.

    Attributes:
        url: the address; its query may be a secret.
        token: bearer token, a secret, empty if none.
        body: JSON, unless ``more`` names another media type.
        more: further headers, which replace usual ones of the same name; any may be a secret.
    """

    url: str
    token: str
    body: bytes
    more: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Request(...)"  # each of them may be a secret

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**headers, **self.more}


def exchange(
    context: Context, attempt: Attempt, journal: Journal, request: Request, send: Send
) -> Attempt:
    """Send the request of an attempt, and make its answer durable.

    Args:
        context: the profile.
        attempt: the attempt at stage ``intended``.
        journal: its open record.
        request: the request.
        send: sends the request once.

    Returns:
        The attempt at stage ``answered``.

    Raises:
        NeedsRecoveryError: the request was sent, and its answer was not read or not kept.
        LtictlError: nothing was sent; the attempt is removed.
    """
    departed = False

    def leaving() -> None:
        nonlocal departed
        # Durable before the first byte leaves: from here on the LMS may have acted.
        journal.note_sent(context.now())
        departed = True

    try:
        reply = send(request.url, request.headers, request.body, leaving)
    except Exception as error:
        # Every exception: once the request left, only the LMS knows whether it acted.
        if departed:
            raise answer_lost(attempt, error) from error
        with suppress(LtictlError):  # what stays behind is named by the next command
            context.profile.attempts.settle(attempt.id)
        raise
    answer = answer_of(reply)
    # Before anything reads it, so that a defect in the reading cannot lose it.
    keep_answer(attempt, journal, answer)
    return attempt.answered(answer)


def answer_of(reply: Reply) -> Answer:
    """Return the part of a reply that an attempt keeps."""
    return Answer(
        status=reply.status,
        content_type=reply.headers.get("content-type", "")[:_MAX_HEADER],
        body=reply.body,
        complete=reply.complete,
        date=reply.headers.get("date", "")[:_MAX_HEADER],
    )


def keep_answer(attempt: Attempt, journal: Journal, answer: Answer) -> None:
    """Make an answer durable before anything reads it.

    Raises:
        NeedsRecoveryError: the attempt cannot take it; the error names its place.
    """
    try:
        journal.note_answered(answer)
    except (OSError, LtictlError) as error:
        raise keep_elsewhere(attempt, answer, error) from error


# Message and why by the request that was sent.
LOST: Final = {
    AttemptKind.REGISTRATION: (
        "The registration was sent to {host}, but its answer was not read: {problem}",
        "The LMS may or may not have made the tool; only it knows.",
    ),
    AttemptKind.UPDATE: (
        "The update was sent to {host}, but its answer was not read: {problem}",
        "The LMS may or may not have changed the tool; only it knows.",
    ),
    AttemptKind.LMS_CHANGE: (
        "The change was sent to {host}, but its answer was not read: {problem}",
        "The LMS may or may not have made the change; only it knows.",
    ),
}


def answer_lost(attempt: Attempt, cause: Exception) -> NeedsRecoveryError:
    """Return the error for a request whose answer was not read."""
    problem = cause.message if isinstance(cause, LtictlError) else f"({type(cause).__name__})"
    message, why = LOST[attempt.kind]
    return NeedsRecoveryError(
        "answer_lost",
        Sentence(message, host=attempt.platform.host, problem=problem),
        why=why,
        fix=f"Run 'ltictl recover {attempt.id}'. Nothing is sent again by itself.",
        attempt=attempt.id,
    )


def begin(context: Context, attempt: Attempt) -> Journal:
    """Make the change of an integration durable, before anything is sent.

    Raises:
        NeedsRecoveryError: another change of it is under way or was cut off.
    """
    while True:
        try:
            return context.profile.attempts.begin(attempt)
        except FileExistsError:
            # One that sent nothing gives way; between the look and the next try another run may
            # begin, so this goes on until one of the two answers is certain.
            if not free(context, attempt.id):
                raise busy(attempt.id) from None


def free(context: Context, identifier: str) -> bool:
    """Remove an attempt that sent nothing, and return whether its id is free now.

    Raises:
        NeedsRecoveryError: its record is damaged, so its stage is unknown.
    """
    try:
        return context.profile.attempts.discard_unsent(identifier)
    except UnreadableError as error:
        raise NeedsRecoveryError(
            error.code, error.message, why=error.why, fix=error.fix, attempt=identifier
        ) from error


def busy(identifier: str) -> NeedsRecoveryError:
    """Return the error for an integration whose change is under way or was cut off."""
    return NeedsRecoveryError(
        "attempt_unsettled",
        f"An update of {identifier!r} is under way or was cut off.",
        fix=f"Wait for it, or run 'ltictl recover {identifier}'.",
        attempt=identifier,
    )
