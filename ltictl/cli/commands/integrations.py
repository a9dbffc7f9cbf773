"""The commands ``show``, ``activate``, ``deactivate`` and ``remove``."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.lms_token import TokenFileOption
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.hint import hint
from ltictl.model.integration import FormerAddress, FormerClient, Integration, Status
from ltictl.model.moment import to_the_minute

_CORRESPONDENCE: Final = {"Sent to the LMS": "request", "Answered by the LMS": "answer"}
_NEW_FOR: Final = timedelta(days=7)
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As 'ltictl list' shows it.")]
IdsArgument = Annotated[
    list[str], typer.Argument(metavar="ID...", help="As 'ltictl list' shows them.")
]


def show(
    session: Session,
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="Or its client ID, issuer, host or organization.")
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Also the last request to the LMS, and its answer.")
    ] = False,
) -> Report:
    """Show everything known about one integration, and the next step in its LMS.

    Example: ltictl show acme-moodle
    """
    from ltictl.cli.render.json_views import correspondence_view, integration_view
    from ltictl.operations.find_integration import find_integration

    context = session.context()
    integration, now = find_integration(context, identifier), context.now()
    correspondence = correspondence_view(integration) if every else {}

    def human(output: Output) -> None:
        _describe(output, integration, now)
        for label, name in _CORRESPONDENCE.items() if every else ():
            _show_document(output, label, correspondence[name])

    data = {"integrations": [integration_view(integration)], **correspondence}
    return Report(data, human, _scope_warnings(integration))


def _show_document(output: Output, label: str, document: object) -> None:
    if document is None:
        output.line(f"{label}: not kept (recorded by hand, or by an older ltictl)", hanging=2)
        return
    output.line(label)
    # Escaped as in the request itself: nothing of it can be read in two ways.
    for line in json.dumps(document, indent=2).splitlines():
        output.line(f"  {line}", hanging=2 + _indent(line) + 2)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _scope_warnings(integration: Integration) -> tuple[str, ...]:
    """Return warnings where requested, recorded and granted scopes differ."""
    # Only granted scopes count; recorded ones matter as long as those are unknown.
    from ltictl.lti.vocabulary import short_scope
    from ltictl.operations.attention import not_granted

    scopes, warnings = integration.scopes, []
    missing = not_granted(integration)
    if missing:
        warnings.append(f"Tokens do not carry what was asked for: {', '.join(missing)}.")
    recorded = set(scopes.answered or scopes.requested)
    unrecorded = [short_scope(each) for each in scopes.requested if each not in recorded]
    if unrecorded and scopes.granted is None:
        warnings.append(f"The LMS did not write down what was asked for: {', '.join(unrecorded)}.")
    return tuple(warnings)


def _describe(output: Output, integration: Integration, now: datetime) -> None:
    from ltictl.lti.vocabulary import short_scope
    from ltictl.platforms.recognition import describe_recognition
    from ltictl.platforms.table import family_of, remaining_steps

    moved = integration.former_addresses
    platform, family = integration.platform, family_of(integration.platform.family)
    deployments = [f"{each.id} ({each.source.value})" for each in integration.deployments]
    rows = [
        ("organization", integration.organization),
        ("status", integration.status.value),
        ("LMS", f"{family.title} {platform.version}".strip()),
        ("recognised", describe_recognition(platform)),
        ("school", platform.name),
        ("issuer", platform.issuer),
        ("client_id", integration.client_id),
        ("deployments", ", ".join(deployments) or "none known yet"),
        ("authorization", platform.authorization_endpoint),
        ("token endpoint", platform.token_endpoint or "none: the LMS has no services"),
        ("audience", platform.audience),
        ("key set", platform.jwks_uri),
        ("asked for", ", ".join(map(short_scope, integration.scopes.requested))),
        ("LMS recorded", ", ".join(map(short_scope, integration.scopes.answered or ()))),
        ("tokens carry", ", ".join(map(short_scope, integration.scopes.granted or ()))),
        ("created", output.moment(integration.created_at, now)),
        ("verified", output.moment(integration.verified_at, now) or "never"),
        ("activated", output.moment(integration.activated_at, now)),
        ("in the LMS", _describe_switch(integration)),
        ("former clients", ", ".join(map(_former, integration.former))),
        ("former issuers", ", ".join(dict.fromkeys(_left(each, now) for each in moved))),
    ]
    output.line(integration.id)
    for label, value in rows:
        if value:
            output.line(f"  {label:15} {value}", hanging=16)
    for problem in integration.problems:
        output.line(f"  {'problem':15} {problem}", hanging=16)
    output.line("Next step")
    clicks = () if _switched_on_long(integration, now) else remaining_steps(integration)
    for step in _next_steps(integration, family.title, clicks):
        output.line(f"  {step}")


def _describe_switch(integration: Integration) -> str:
    """Return the last known position of the LMS's own switch in words, empty if unknown."""
    from ltictl.platforms.table import family_of

    switch = integration.lms_switch
    if switch is None:
        return ""
    position = "on" if switch.active else "off"
    since = to_the_minute(switch.since)
    return f"{position} in {family_of(integration.platform.family).title} since {since}"


def _former(client: FormerClient) -> str:
    if client.gone_at is None:
        return f"{client.client_id} (exported too)"
    return f"{client.client_id} (gone)"


def _left(former: FormerAddress, now: datetime) -> str:
    until = to_the_minute(former.accepted_until)
    exported = "exported too until" if former.accepted_until > now else "exported until"
    return f"{former.platform.issuer} ({exported} {until})"


def _switched_on_long(integration: Integration, now: datetime) -> bool:
    """Return whether the integration has been active so long that its clicks are done."""
    # Most LMSs never show ltictl their switch, so only the time since the last new tool counts.
    replaced = [each.replaced_at for each in integration.former]
    times = [each for each in (integration.activated_at, *replaced) if each is not None]
    return integration.status is Status.ACTIVE and bool(times) and now - max(times) > _NEW_FOR


def _next_steps(integration: Integration, title: str, clicks: Sequence[str]) -> list[str]:
    active = integration.status is Status.ACTIVE
    verify = hint("verify", integration.id)
    # A known problem comes first: the clicks for a new tool do not solve it.
    steps = [f"here: {verify} (it says what to do about the problem)"] * bool(integration.problems)
    done = " (if not done yet)" if active else ""
    steps += [f"in {title}{done}: {click}" for click in clicks]
    if not integration.deployments:
        steps.append(f"here: {hint('deployment', 'add', integration.id, 'DEPLOYMENT_ID')}")
    if not active:
        steps.append(f"here: {hint('activate', integration.id)}")
    if integration.verified_at is None and not integration.problems:
        steps.append(f"here: {verify}")
    return steps or [f"none; to check that all is well: {verify}"]


@writes
def activate(session: Session, identifiers: IdsArgument) -> Report:
    """Activate integrations: your application may serve them (the LMS has a switch of its own).

    Example: ltictl activate acme-moodle
    """
    return _switch(session, identifiers, active=True)


@writes
def deactivate(session: Session, identifiers: IdsArgument, yes: YesOption = False) -> Report:
    """Deactivate integrations: your application stops serving them.

    Example: ltictl deactivate acme-moodle --yes
    """
    context = session.context()
    context.profile.require()
    # A wrong id is an error before the question, not after it.
    for each in identifiers:
        context.profile.integrations.get(each)
    if not session.confirm(f"Deactivate {', '.join(identifiers)}?", yes=yes):
        return Report(
            {"integrations": [], "changed": []}, lambda output: output.note("Nothing was changed.")
        )
    return _switch(session, identifiers, active=False)


def _switch(session: Session, identifiers: list[str], *, active: bool) -> Report:
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.switch import activate as switch_on
    from ltictl.operations.switch import deactivate as switch_off

    outcome = (switch_on if active else switch_off)(session.context(), identifiers)

    def human(output: Output) -> None:
        for each in outcome.integrations:
            changed = each.id in outcome.changed
            output.note(f"{each.id} is {each.status.value}{'' if changed else ' already'}.")

    data = {
        "integrations": [integration_view(each) for each in outcome.integrations],
        "changed": list(outcome.changed),
    }
    return Report(data, human)


@reaches_lms
@writes
def remove(
    session: Session,
    identifier: IdArgument,
    at_lms: Annotated[
        bool, typer.Option("--at-lms", help="Have the LMS delete it first, where it allows that.")
    ] = False,
    token_file: TokenFileOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --at-lms: show the requests, and send none.")
    ] = False,
    yes: YesOption = False,
) -> Report:
    """Forget an integration here; the LMS keeps its side, unless --at-lms is given.

    Example: ltictl remove acme-moodle --yes
    """
    from ltictl.cli.commands.remove_at_lms import removed_report, report_removal_there
    from ltictl.operations.switch import remove_integration

    context = session.context()
    context.profile.require()
    if at_lms:
        return report_removal_there(session, identifier, token_file, dry_run=dry_run, yes=yes)
    if token_file or dry_run:
        raise UsageError(
            "options_missing",
            "--token-file and --dry-run belong to --at-lms.",
            fix=f"ltictl remove {identifier} --at-lms --dry-run",
        )
    integration = context.profile.integrations.get(identifier)
    question = f"Forget {identifier!r} ({integration.platform.host}, {integration.client_id})?"
    if not session.confirm(question, yes=yes):
        return removed_report(())
    removed = remove_integration(context, identifier)
    left = f"The tool is still in {removed.platform.host}: remove it there too."
    return removed_report((removed,), left)
