"""A change that a command means to make at an LMS: how it runs, and the facts that settle it."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from ltictl.model.attempt import Attempt, AttemptKind
from ltictl.model.integration import Integration
from ltictl.model.lms_side import LmsAction
from ltictl.operations.context import Context
from ltictl.operations.events import Event, Inbox


def _show_nothing(event: Event) -> None:
    del event


class Run(Struct, frozen=True):
    """The way in which one command makes changes.

    Attributes:
        inbox: receives the signals.
        show: receives one event if the run waits for an answer in spite of a signal.
        dry: collects the changes of a dry run, ``None`` to make them.
    """

    inbox: Inbox = field(default_factory=Inbox)
    show: Callable[[Event], None] = _show_nothing
    dry: "list[PlannedCall] | None" = None


class PlannedCall(Struct, frozen=True):
    """A change that a dry run would make.

    Attributes:
        integration: id, empty for a new integration.
        purpose: the purpose in words.
        method, url, body: the request, without its token.
    """

    integration: str
    purpose: str
    method: str
    url: str
    body: Any = None


class Intent(Struct, frozen=True):
    """The facts about a change that settle a lost answer later.

    Attributes:
        attempt: the record without its call, which becomes its request.
        action: the kind of change.
        facts: facts by which reading shows whether it was made.
    """

    attempt: Attempt
    action: LmsAction | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def intent_of(
    context: Context, integration: Integration, action: LmsAction, facts: Mapping[str, Any]
) -> Intent:
    """Return the intent of a change of one integration at its LMS."""
    attempt = Attempt(
        id=integration.id,
        organization=integration.organization,
        invitation="",
        platform=integration.platform,
        registration_endpoint="",
        replaces=integration.id,
        request="",
        scopes=integration.scopes.requested,
        signing_key=integration.signing_key,
        token_sha256="",
        token_subject="",
        token_expires_at=None,
        created_at=context.now(),
        kind=AttemptKind.LMS_CHANGE,
    )
    return Intent(attempt, action, facts)
