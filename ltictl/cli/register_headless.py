"""``register --openid-configuration``: no browser, no server; for CI."""

from ltictl.cli.output import Report
from ltictl.cli.register_command import registration_report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.net.client import GuardPolicy


def headless(
    session: Session,
    policy: GuardPolicy,
    *,
    organization: str,
    configuration_url: str,
    token: str,
    platform: str | None,
    activate: bool,
    yes: bool,
) -> Report:
    """Register with the two parameters that an LMS gave."""
    from ltictl.cli.signals import signals_to
    from ltictl.operations.attempt import Plan
    from ltictl.operations.events import Inbox
    from ltictl.operations.headless import inspect_headless, register_headless
    from ltictl.operations.hooks import Change, after_change, require_hook
    from ltictl.operations.switch import activate as switch_on

    if not organization:
        raise UsageError(
            "options_missing",
            "--openid-configuration needs --org.",
            fix="Say for which organization: --org SLUG.",
        )
    context = session.context()
    require_hook(context.profile.settings().hooks)
    inspection = inspect_headless(
        context,
        policy,
        organization=organization,
        configuration_url=configuration_url,
        token=token,
        platform=platform,
    )
    hosts = ", ".join(inspection.configuration.hosts)
    if not session.confirm(f"Register {organization} at {hosts}?", yes=yes, default=True):
        return Report({"integrations": []}, lambda output: output.note("Nothing was sent."))
    inbox: Inbox = Inbox()
    with signals_to(inbox):
        done = register_headless(context, policy, Plan(organization, "", inspection, token), inbox)
    if activate:
        switch_on(context, [done.integration.id])
    warnings = after_change(context, Change("register", (done.integration.id,)))
    return registration_report(
        session,
        (done.integration.id,),
        (*inspection.warnings, *done.warnings, *_volatile(session), *warnings),
    )


def _volatile(session: Session) -> tuple[str, ...]:
    """A warning where the profile will not outlive the run, as in most CI jobs."""
    import tempfile

    folder, _ = session.profile_folder()
    in_checkout = any((each / ".git").exists() for each in (folder, *folder.parents))
    in_temporary = folder.is_relative_to(tempfile.gettempdir())
    if not in_checkout and not in_temporary:
        return ()
    problem = f"The profile lies in a checkout or a temporary folder ({folder})."
    return (f"{problem} Keep the whole folder: what is lost there no LMS gives again.",)
