"""The ``list`` command: integrations, open invitations and interrupted registrations."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from msgspec.structs import asdict

from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.model.hint import hint
from ltictl.model.integration import Integration, Status
from ltictl.model.moment import to_the_minute
from ltictl.model.quantity import counted

if TYPE_CHECKING:
    from ltictl.operations.context import Context
    from ltictl.operations.survey import Filter, Survey

_USUAL: Final = "id,organization,status,lms,host,client_id,deployments,created"


def list_all(
    session: Session,
    text: Annotated[
        str,
        typer.Argument(
            metavar="[TEXT]",
            help="Only those whose id, client ID, issuer, host, organization or label has it.",
        ),
    ] = "",
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="Only this organization's.")
    ] = "",
    status: Annotated[
        Status | None, typer.Option("--status", help="Only those in this state.")
    ] = None,
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="FAMILY", help="Only integrations at this kind of LMS."),
    ] = "",
    needs_attention: Annotated[
        bool,
        typer.Option(
            "--needs-attention", help="Only things that need a person, each with the next step."
        ),
    ] = False,
    outdated: Annotated[
        bool,
        typer.Option("--outdated", help="Only integrations that lack some of the tool's settings."),
    ] = False,
    unused: Annotated[
        bool, typer.Option("--unused", help="Only integrations without a known launch.")
    ] = False,
    expiring: Annotated[
        bool,
        typer.Option("--expiring", help="Only invitations and key steps that end within a week."),
    ] = False,
    columns: Annotated[
        str,
        typer.Option(
            "--columns",
            metavar="A,B",
            help="These columns, in this order.",
            show_default=_USUAL,
        ),
    ] = "",
    sort: Annotated[
        str, typer.Option("--sort", metavar="A", help="By this column; -A the other way round.")
    ] = "id",
    wide: Annotated[
        bool, typer.Option("--wide", help="Show every column in full, however long the lines are.")
    ] = False,
    no_pager: Annotated[
        bool, typer.Option("--no-pager", help="Print a list that is longer than the screen.")
    ] = False,
) -> Report:
    """List integrations, open invitations, and interrupted registrations.

    Example: ltictl list moodle.acme.edu
    """
    from ltictl.operations.survey import Filter, survey
    from ltictl.platforms.table import family_named

    narrow = _narrow_list(
        needs_attention=needs_attention, outdated=outdated, unused=unused, expiring=expiring
    )
    context = session.context()
    family = family_named(platform).slug if platform else None
    chosen = Filter(organization=org or None, status=status, family=family, text=text)
    # Any other order, and any count, needs all of them in memory.
    if session.output.json and sort == "id" and not needs_attention and not narrow:
        return _all_in_json(context, chosen, session.output)
    found = survey(context, chosen, needs_attention=needs_attention)
    if narrow:
        return narrow(context, found)
    from ltictl.cli.render.integration_rows import column_names, integration_rows, sorted_by

    now = context.now()
    shown = column_names(columns or _USUAL, "--columns")
    integrations = found.integrations if sort == "id" else sorted_by(found.integrations, sort)

    total = len(integrations) + found.others

    def human(output: Output) -> None:
        if needs_attention:
            rows = [[each.id, each.kind, each.detail, each.fix] for each in found.attention]
            headings = ["ID", "Kind", "Detail", "What to do"]
            output.table(headings, rows, none="Nothing needs attention.")
            return
        output.table(
            *integration_rows(integrations, output, now, shown),
            above=_count(integrations),
            below=f"{len(integrations)} of {total} shown" if found.others else "",
            none="" if integrations else _none_found(context, found.others, org),
            wide=wide,
            paged=not no_pager,
        )
        for invitation in found.invitations:
            whom = invitation.whom
            output.note(
                f"open invitation {invitation.id} for {whom}, "
                f"until {to_the_minute(invitation.expires_at)}"
            )

    data = _data(integrations, found, now)
    if needs_attention:
        data["attention"] = [asdict(each) for each in found.attention]
    return Report(data, human, found.warnings)


def _narrow_list(**flags: bool) -> "Callable[[Context, Survey], Report] | None":
    """Return the report of the list with columns of its own, ``None`` for the usual list.

    Raises:
        UsageError: ``options_conflict``.
    """
    if True not in flags.values():
        return None
    from ltictl.cli.render import narrow_lists

    narrow_lists.require_one_list(**flags)
    reports = {
        "outdated": narrow_lists.outdated_report,
        "unused": narrow_lists.unused_report,
        "expiring": narrow_lists.expiring_report,
    }
    return next((report for name, report in reports.items() if flags[name]), None)


def _all_in_json(context: "Context", chosen: "Filter", output: Output) -> Report:
    """Report integrations that are read while they are written: memory holds one at a time."""
    from ltictl.operations.survey import read_integrations, survey_without_integrations

    rest = survey_without_integrations(context, chosen)
    integrations = read_integrations(context, chosen, output.gathered.append)
    return Report(_data(integrations, rest, context.now()), lambda _: None, rest.warnings)


def _data(integrations: Iterable[Integration], found: "Survey", now: datetime) -> dict[str, Any]:
    from ltictl.cli.render.json_views import attempt_view, integration_view, invitation_view

    return {
        "integrations": (integration_view(each) for each in integrations),
        "attempts": [attempt_view(each) for each in found.attempts],
        "invitations": [invitation_view(each, now) for each in found.invitations],
    }


def _count(integrations: Sequence[Integration]) -> str:
    """Count integrations in words, such as ``3 integrations: 2 active, 1 pending``."""
    if not integrations:
        return ""
    by_status = Counter(each.status.value for each in integrations)
    states = ", ".join(f"{number} {status}" for status, number in sorted(by_status.items()))
    return f"{counted(len(integrations), 'integration')}: {states}"


def _none_found(context: "Context", others: int, organization: str) -> str:
    """Return the line below an empty list, with the next command to run."""
    from ltictl.operations.organizations import integrations_of

    if others and (not organization or integrations_of(context, organization)):
        return f"None of {counted(others, 'integration')} is like that; all of them: ltictl list"
    slugs = [organization] if organization else context.profile.organizations.ids()
    if not slugs:
        return "No integration yet. Begin with: ltictl org add SLUG"
    whose = f"{organization} has no integration" if others else "No integration"
    return f"{whose} yet. Next: {hint('register', '--org', slugs[0])}"
