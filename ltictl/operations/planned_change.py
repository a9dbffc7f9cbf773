"""One planned step of ``apply``."""

from collections.abc import Callable

from msgspec import Struct

from ltictl.operations.invite import IssuedInvitation


class PlannedChange(Struct, frozen=True):
    """One change.

    Attributes:
        action: ``add-organization``, ``rename-organization``, ``invite``, ``add-integration``,
            ``change-integration``, ``add-deployment``, ``remove-deployment``, ``activate`` or
            ``deactivate``; at the LMS ``register-at-lms``, ``activate-at-lms``,
            ``deactivate-at-lms`` or ``deploy-at-lms``.
        subject: slug or id.
        detail: words for people, may be empty.
        carry_out: carries the step out, also a second time; returns the invitation of ``invite``.
        family: of the invited organization's LMS, empty if unknown.
    """

    action: str
    subject: str
    detail: str
    carry_out: Callable[[], IssuedInvitation | None]
    family: str = ""


def without_result(work: Callable[..., object], *arguments: object) -> Callable[[], None]:
    """Return a function that makes a call later, and drops its result."""

    def carry_out() -> None:
        work(*arguments)

    return carry_out
