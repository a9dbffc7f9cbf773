"""The ``import`` command."""

from pathlib import Path
from typing import Annotated

import typer

from ltictl.cli.command import writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.model.quantity import counted


@writes
def import_file(
    session: Session,
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="pylti1p3, django-lti or json.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the other runtime holds.")],
    org: Annotated[
        str,
        typer.Option(
            "--org",
            metavar="SLUG",
            help="Organization of the registrations, if the file names none.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and change nothing.")
    ] = False,
) -> Report:
    """Take over registrations from another runtime; those in the profile stay.

    Example: ltictl import pylti1p3 lti.json --org acme
    """
    from ltictl.cli.render.json_views import integration_view
    from ltictl.interchange.registry import format_named
    from ltictl.operations.interchange.import_ import import_document
    from ltictl.store.wanted import read_file

    read = format_named(form).reader()
    context = session.context()
    context.profile.require()
    document = read(read_file(file))
    done = import_document(context, document, organization=org, dry_run=dry_run)

    def human(output: Output) -> None:
        verb = "Would add" if dry_run else "Added"
        what = counted(len(done.added), "integration")
        output.note(f"{verb} {what}: {', '.join(done.added) or 'none'}.")
        if done.changed:
            output.note(f"New deployments: {', '.join(done.changed)}.")

    data = {
        "integrations": [integration_view(each) for each in done.integrations],
        "added": list(done.added),
        "changed": list(done.changed),
        "organizations": list(done.organizations),
        "dry_run": dry_run,
    }
    return Report(data, human, document.warnings)
