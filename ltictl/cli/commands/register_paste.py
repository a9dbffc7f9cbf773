"""``register --paste``: read an address or a sealed block on stdin and register with it."""

from typing import TYPE_CHECKING

from ltictl.cli.commands.register_headless import headless
from ltictl.cli.pasted_input import read_paste
from ltictl.cli.render.output import Report
from ltictl.cli.session import Session

if TYPE_CHECKING:
    from ltictl.operations.registration.reach import Reach


def register_pasted(
    session: Session,
    reach: "Reach",
    *,
    organization: str,
    activate: bool,
    yes: bool,
    update: str = "",
    replace_client: bool = False,
) -> Report:
    """Register with the address or the sealed block that a person pasted."""
    from ltictl.operations.registration.paste import read_pasted

    context = session.context()
    context.profile.require()
    found = read_pasted(context, read_paste(session.output), organization=organization)
    return headless(
        session,
        reach.pinned_to(found.platform),
        organization=found.organization,
        configuration_url=found.configuration_url,
        token=found.token,
        activate=activate,
        yes=yes,
        invitation=found.invitation,
        update=update,
        replace_client=replace_client,
    )
