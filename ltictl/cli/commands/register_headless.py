"""``register --openid-configuration``: register without a browser or a server, as in CI."""

from pathlib import Path
from typing import TYPE_CHECKING

from ltictl.cli.render.output import Report
from ltictl.cli.render.registration_report import registration_report
from ltictl.cli.session import Session
from ltictl.errors import UsageError

if TYPE_CHECKING:
    from ltictl.operations.registration.reach import Reach


def headless(
    session: Session,
    reach: "Reach",
    *,
    organization: str,
    configuration_url: str,
    token: str,
    activate: bool,
    yes: bool,
    invitation: str = "",
    update: str = "",
    replace_client: bool = False,
) -> Report:
    """Register with the two parameters of an LMS's link."""
    from ltictl.cli.render.register_events import RegisterEvents
    from ltictl.cli.signals import signals_to
    from ltictl.operations.events import Inbox
    from ltictl.operations.registration.existing import choose_target
    from ltictl.operations.registration.headless import inspect_headless, register_headless
    from ltictl.operations.registration.register import Plan
    from ltictl.operations.survey import unsettled

    if not organization:
        raise UsageError(
            "options_missing",
            "--openid-configuration needs --org.",
            fix="Say for which organization: --org SLUG.",
        )
    context = session.context()
    if not session.can_ask:  # before the request: the LMS's link may work only once
        session.confirm(f"Register {organization}?", yes=yes)
    inspection = inspect_headless(
        context,
        reach,
        organization=organization,
        configuration_url=configuration_url,
        token=token,
    )
    target = choose_target(
        context,
        reach.policy,
        organization,
        inspection,
        wanted=update,
        replace_client=replace_client,
    )
    hosts = ", ".join(inspection.configuration.hosts)
    what = f"Update {target.replaces}" if target.replaces else f"Register {organization}"
    if not session.confirm(
        f"{' '.join((*target.warnings, what))} at {hosts}?", yes=yes, default=True
    ):
        return Report({"integrations": []}, lambda output: output.note("Nothing was sent."))
    inbox: Inbox = Inbox()
    plan = Plan(organization, invitation, inspection, token, target.replaces, target.new_client)
    with signals_to(inbox):
        show = RegisterEvents(session.output).show
        done = register_headless(context, reach.policy, plan, inbox, show, activate=activate)
    return registration_report(
        session,
        (done.integration.id,),
        (
            *inspection.warnings,
            *target.warnings,
            *done.warnings,
            *_volatile(session),
            *unsettled(context)[1],
        ),
        in_place=() if done.new_client else (done.integration.id,),
    )


def _volatile(session: Session) -> tuple[str, ...]:
    """Return a warning if the profile may not outlive the run, as in most CI jobs."""
    if session.context().profile.seals_secrets:  # it is in a shared store
        return ()
    folder, _ = session.profile_folder()
    in_checkout = any((each / ".git").exists() for each in (folder, *folder.parents))
    if not in_checkout and not _is_temporary(folder):
        return ()
    problem = f"The profile lies in a checkout or a temporary folder ({folder})."
    return (f"{problem} Keep the whole folder: what is lost there no LMS gives again.",)


def _is_temporary(folder: Path) -> bool:
    import tempfile

    try:
        return folder.is_relative_to(tempfile.gettempdir())
    except OSError:  # no folder can be written to: the disk is full
        return False
