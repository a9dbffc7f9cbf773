"""The commands ``org export`` and ``org erase``, for requests under data protection law."""

from pathlib import Path
from typing import Annotated

import typer

from ltictl.cli.commands.organizations import SlugArgument
from ltictl.cli.render.output import Report
from ltictl.cli.session import Session


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
    from ltictl.operations.organization_data import gather_data
    from ltictl.store.output_file import write_output

    data = gather_data(session.context(), slug)
    text = organization_file(data)
    warnings = tuple(f"Left out: {each.message}" for each in data.holdings.damaged)
    if output is None or str(output) == "-":
        return Report({}, lambda _: None, warnings, bare=text)
    write_output(output.absolute(), text.encode(), private=True)
    counted = {"documents": len(data.holdings.documents), "entries": len(data.entries)}
    told = f"Wrote {counted['documents']} documents and {counted['entries']} entries of the log."
    return Report(
        {"file": str(output), **counted},
        lambda out: out.note(f"{told} They name people of the school: send {output} safely."),
        warnings,
    )
