"""``register --paste``: an address or a sealed block on stdin, then as without a browser."""

from ltictl.cli.commands.register_headless import headless
from ltictl.cli.pasted_input import read_paste
from ltictl.cli.render.output import Report
from ltictl.cli.session import Session
from ltictl.net.policy import GuardPolicy


def pasted(
    session: Session,
    policy: GuardPolicy,
    *,
    organization: str,
    platform: str | None,
    activate: bool,
    yes: bool,
    accepted_issuer: str = "",
    update: str = "",
) -> Report:
    """Register with what a person pasted."""
    from ltictl.operations.registration.paste import read_pasted

    context = session.context()
    context.profile.require()
    found = read_pasted(
        context, read_paste(session.output), organization=organization, platform=platform
    )
    return headless(
        session,
        policy,
        organization=found.organization,
        configuration_url=found.configuration_url,
        token=found.token,
        platform=found.platform,
        activate=activate,
        yes=yes,
        accepted_issuer=accepted_issuer,
        invitation=found.invitation,
        update=update,
    )
