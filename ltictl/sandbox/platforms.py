"""The platform and the tool-facing addresses of each family."""

from collections.abc import Callable
from typing import Final

from starlette.routing import Route

from ltictl.sandbox.blackboard import BlackboardLms
from ltictl.sandbox.blackboard_administration import BlackboardAdministration
from ltictl.sandbox.brightspace import BrightspaceLms
from ltictl.sandbox.brightspace_administration import BrightspaceAdministration
from ltictl.sandbox.canvas import CanvasLms
from ltictl.sandbox.canvas_account import CanvasAccount
from ltictl.sandbox.canvas_administration import CanvasAdministration
from ltictl.sandbox.documented import DocumentedLms
from ltictl.sandbox.documented_endpoints import CanvasEndpoints, DocumentedEndpoints
from ltictl.sandbox.endpoints import ToolEndpoints
from ltictl.sandbox.family import FamilyCode, PlayedFamily
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.moodle_administration import MoodleAdministration
from ltictl.sandbox.sakai import SakaiLms

_DOCUMENTED: Final[dict[FamilyCode, tuple[type[DocumentedLms], type[DocumentedEndpoints]]]] = {
    FamilyCode.CANVAS: (CanvasLms, CanvasEndpoints),
    FamilyCode.BRIGHTSPACE: (BrightspaceLms, DocumentedEndpoints),
    FamilyCode.BLACKBOARD: (BlackboardLms, DocumentedEndpoints),
    FamilyCode.SAKAI: (SakaiLms, DocumentedEndpoints),
}


def make_platform(
    issuer: str, family: PlayedFamily, *, site_name: str, clock: Callable[[], float]
) -> tuple[Lms, list[Route]]:
    """Make a platform and its tool-facing routes.

    Args:
        issuer: its address.
        family: the LMS that it imitates.
        site_name: the name of the school.
        clock: what time it believes it is.
    """
    if family.code in _DOCUMENTED:
        platform, endpoints = _DOCUMENTED[family.code]
        documented = platform(issuer, family, site_name=site_name, clock=clock)
        return documented, [*endpoints(documented).routes(), *_administration(documented)]
    recorded = Lms(issuer, family, site_name=site_name, clock=clock)
    return recorded, [*ToolEndpoints(recorded).routes(), *_administration(recorded)]


def _administration(lms: Lms) -> list[Route]:
    """Return the routes of the interface for administrators, where the family has one."""
    if isinstance(lms, CanvasLms):
        account = CanvasAccount(lms)
        lms.administration = account.administrator
        return CanvasAdministration(account).routes()
    played = _interface(lms)
    if played is None:
        return []
    lms.administration = played.administrator
    return played.routes()


def _interface(
    lms: Lms,
) -> MoodleAdministration | BrightspaceAdministration | BlackboardAdministration | None:
    if isinstance(lms, BrightspaceLms):
        return BrightspaceAdministration(lms)
    if isinstance(lms, BlackboardLms):
        return BlackboardAdministration(lms)
    return None if isinstance(lms, DocumentedLms) else MoodleAdministration(lms)
