"""The commands ``edit`` and ``restore``."""

from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import YesOption, writes
from ltictl.cli.commands.integrations import IdArgument
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.hint import hint

if TYPE_CHECKING:
    from ltictl.operations.edit import Edited

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
]


@writes
def edit(
    session: Session,
    identifier: IdArgument,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Member and value; may be repeated."),
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> Report:
    """Change the recorded endpoints, audience or name of an LMS.

    The LMS hears nothing of it. The checks are those of 'ltictl add'. An empty value gives an
    audience back to the token endpoint.

    Example: ltictl edit acme-canvas --set audience=https://sso.canvaslms.com/login/oauth2/token
    """
    from ltictl.operations.edit import edit_integration, parse_assignments, plan_edit

    context = session.context()
    context.profile.require()
    if not assignments:
        raise UsageError(
            "options_missing",
            "--set is needed.",
            fix=hint("edit", identifier, "--set", "audience=VALUE"),
        )
    wanted = parse_assignments(assignments)
    planned = plan_edit(context, identifier, wanted)
    _show_changes(session, planned)
    if dry_run or not planned.changes:
        message = "Nothing was changed." if planned.changes else f"{identifier} says so already."
        return _edit_report(planned, message)
    if not session.confirm(f"Change {identifier!r}?", yes=yes):
        return _edit_report(plan_edit(context, identifier, {}), "Nothing was changed.")
    done = edit_integration(context, identifier, wanted)
    return _edit_report(done, f"Changed {identifier}. To prove it: {hint('verify', identifier)}")


def _show_changes(session: Session, planned: "Edited") -> None:
    from ltictl.cli.render.differences import show_difference

    for each in planned.changes:
        show_difference(session.output.note, each.member, each.now, each.wanted)


def _edit_report(edited: "Edited", message: str) -> Report:
    from msgspec.structs import asdict

    from ltictl.cli.render.json_views import integration_view

    data = {
        "integrations": [integration_view(edited.integration)],
        "changes": [asdict(each) for each in edited.changes],
    }
    return Report(data, lambda output: output.note(message), edited.warnings)


@writes
def restore(
    session: Session,
    identifier: Annotated[
        str, typer.Argument(metavar="REMOVED", help="The id that the integration had.")
    ],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> Report:
    """Put a removed integration back as it was, with its secrets.

    What 'remove --at-lms' deleted in the LMS stays deleted there.

    Example: ltictl restore acme-moodle --yes
    """
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.restore import plan_restore, restore_integration

    context = session.context()
    context.profile.require()
    planned = plan_restore(context, identifier)
    subject = f"{identifier} ({planned.platform.host}, {planned.client_id}, {planned.status.value})"
    if dry_run:
        data = {"integrations": [integration_view(planned)]}
        return Report(data, lambda output: output.note(f"Would restore {subject}."))
    if not session.confirm(f"Restore {subject}?", yes=yes):
        return Report({"integrations": []}, lambda output: output.note("Nothing was changed."))
    done = restore_integration(context, identifier)

    def human(output: Output) -> None:
        output.note(f"Restored {subject}. To prove it: {hint('verify', identifier)}")

    return Report({"integrations": [integration_view(done.integration)]}, human, done.warnings)
