"""Explain a run without a registration, by its last event."""

from ltictl.errors import NobodyCameError
from ltictl.operations.events import (
    CancelPressed,
    Event,
    LinkClicked,
    LinkRefused,
    PageOpened,
    RegistrationFailed,
    RegistrationRefused,
)


def nobody_came(last: Event | None) -> NobodyCameError:
    """Return the error for a timeout.

    Args:
        last: the last event, ``None`` for none.
    """
    return NobodyCameError(
        "nobody_came",
        "Nobody registered before the timeout.",
        why=_why(last),
        fix="Run 'ltictl register' again; open invitations are still good. --timeout waits longer.",
    )


def _why(last: Event | None) -> str:
    match last:
        # The last event came nearest to a registration, so it explains most.
        case CancelPressed(visit=visit):
            return f"The administrator at {visit.platform} pressed Cancel."
        case LinkRefused():
            return "Only links were opened that this run does not take."
        case LinkClicked():
            return "The link was opened directly, and not by an LMS."
        case RegistrationFailed(error=error) | RegistrationRefused(error=error):
            return f"The last try failed: {error.message}"
        case PageOpened(visit=visit):
            return f"{visit.platform} opened the page, and nobody pressed Register."
        case _:
            return "No LMS opened the registration URL."
