"""The commands ``org export`` and ``org erase``, for requests under data protection law."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import YesOption, writes
from ltictl.cli.commands.amend import DryRunOption
from ltictl.cli.commands.organizations import SlugArgument
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.model.quantity import counted

if TYPE_CHECKING:
    from ltictl.operations.data_protection.erase import PlannedErasure


def export(
    session: Session,
    slug: SlugArgument,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Write to this file, mode 0600; - is stdout."
        ),
    ] = None,
) -> Report:
    """Write everything that the profile holds on an organization as one JSON document.

    Removed documents and its part of the log are in it, secrets are not. It also works after
    'org remove'.

    Example: ltictl org export acme --output acme.json
    """
    from ltictl.cli.render.organization_file import organization_file
    from ltictl.operations.data_protection.organization_data import gather_data
    from ltictl.store.output_file import write_output

    data = gather_data(session.context(), slug)
    text = organization_file(data)
    warnings = tuple(f"Left out: {each.message}" for each in data.holdings.damaged)
    if output is None or str(output) == "-":
        return Report({}, lambda _: None, warnings, bare=text)
    write_output(output.absolute(), text.encode(), private=True)
    numbers = {"documents": len(data.holdings.documents), "entries": len(data.entries)}
    documents = counted(numbers["documents"], "document")
    summary = f"Wrote {documents} and the organization's part of the log."
    return Report(
        {"file": str(output), **numbers},
        lambda out: out.note(f"{summary} They name people of the school: send {output} safely."),
        warnings,
    )


@writes
def erase(
    session: Session,
    slug: SlugArgument,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> Report:
    """Erase everything that the profile holds on an organization, removed documents too.

    The log keeps its lines and shows a pseudonym for every name of the school. There is no way
    back. A run that was cut off is completed by running it again.

    Example: ltictl org erase acme
    """
    from ltictl.operations.data_protection.erase import erase_organization, plan_erasure

    context = session.context()
    planned = plan_erasure(context, slug)
    _show_plan(session.output, planned)
    question = f"Erase everything on {slug!r}, for good?"
    if dry_run or not session.confirm(question, yes=yes):
        return _erasure_report(planned, "", "Nothing was erased.")
    done, alias = erase_organization(context, slug)
    return _erasure_report(done, alias, f"Erased. In the log {slug} is now {alias}.")


def _show_plan(output: Output, planned: "PlannedErasure") -> None:
    output.note("To be erased:")
    for each in planned.names:
        output.note(f"  {each}")
    output.note(f"  the names in {counted(planned.lines, 'line')} of the log")
    output.note("To be kept:")
    for each in planned.kept:
        output.note(f"  {each}")


def _erasure_report(planned: "PlannedErasure", alias: str, message: str) -> Report:
    data = {
        "documents": list(planned.names),
        "lines": planned.lines,
        "kept": list(planned.kept),
        "alias": alias or None,
    }
    return Report(data, lambda output: output.note(message))
