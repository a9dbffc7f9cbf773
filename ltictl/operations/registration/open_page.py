"""Open the callback page of one run: its invitation, its announcement, its application."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import UNSET

from ltictl.model.invitation import Invitation
from ltictl.operations.context import Context
from ltictl.operations.events import Inbox, ListeningBegan
from ltictl.operations.invite import invite, open_invitations
from ltictl.operations.registration.listening_order import ListeningOrder
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.tool_reach import forewarnings_of

if TYPE_CHECKING:
    from ltictl.callback.application import Callback
    from ltictl.operations.attempts.threads import AttemptThreads


def prepare_announcement(
    context: Context, wanted: ListeningOrder, reach: Reach, base: str, port: int
) -> ListeningBegan:
    """Return the first event of a run, and issue an invitation where the run needs one.

    Args:
        context: the profile.
        wanted: the order.
        reach: the LMSs that may be asked.
        base: the registration URL's part before ``t``.
        port: the port on which the server listens.

    Raises:
        NotFoundError: there is no such organization.
        LtictlError: the invitation could not be written.
    """
    organization = wanted.organization
    there = open_invitations(context, organization)
    issued = None
    if organization is not None:
        context.profile.organizations.get(organization)
    # A service waits for invitations that are issued later; a single run would wait in vain.
    if not there and (organization is not None or wanted.count):
        issued = invite(context, organization=organization, platform=reach.platform, address=base)
    return ListeningBegan(
        warnings=forewarnings_of(context.profile.settings().tool),
        url=issued.url(base) if issued else None,
        address=base,
        open_invitations=1 if issued else len(there),
        elsewhere=_elsewhere(there, base),
        organization=organization,
        host=wanted.host,
        port=port,
        invitation=issued.invitation.id if issued else UNSET,
        timeout_seconds=int(wanted.timeout.total_seconds()) if wanted.count else None,
    )


def _elsewhere(invitations: Sequence[Invitation], base: str) -> tuple[str, ...]:
    """Return the other addresses in the URLs of open invitations, each once."""
    known = dict.fromkeys(each.address for each in invitations)
    return tuple(each for each in known if each and each != base)


def build_callback(
    context: Context,
    wanted: ListeningOrder,
    reach: Reach,
    inbox: Inbox,
    threads: "AttemptThreads",
    base: str,
    port: int,
) -> "Callback":
    """Return the application that answers at the page's address.

    Args:
        context: the profile.
        wanted: the order.
        reach: the LMSs that may be asked, and the limits of the requests.
        inbox: receives the events of the server's threads.
        threads: carry out registrations.
        base: the registration URL's part before ``t``.
        port: the port on which the server listens.
    """
    # Imported only now: the URL stands on the terminal already.
    from ltictl.callback.application import Callback
    from ltictl.callback.doorway import doorway_of
    from ltictl.operations.registration.page import Reception

    reception = Reception(
        context,
        threads,
        reach,
        inbox,
        organization=wanted.organization,
        # Only on loopback: elsewhere one school would see the others.
        reveal=wanted.names_all and not wanted.public_url and wanted.host == "127.0.0.1",
    )
    reception.fetch_logo()
    path, doorway = doorway_of(base, port)
    return Callback(reception, path, doorway, " ".join(reach.ancestors))
