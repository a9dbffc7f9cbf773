"""One step of ``apply``, planned and not done yet."""

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
        detail: for people, may be empty.
        carry_out: does it; doing it twice is fine. Returns the invitation, for ``invite``.
        family: of the invited organization's LMS, empty if unknown.
    """

    action: str
    subject: str
    detail: str
    carry_out: Callable[[], IssuedInvitation | None]
    family: str = ""


def without_result(work: Callable[..., object], *arguments: object) -> Callable[[], None]:
    """Put off a call whose result nobody needs."""

    def carry_out() -> None:
        work(*arguments)

    return carry_out
