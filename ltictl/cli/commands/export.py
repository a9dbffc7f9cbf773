"""The ``export`` command."""

from pathlib import Path
from typing import Annotated

import typer

from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.model.quantity import counted


def export(
    session: Session,
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="pylti1p3, django-lti, ltijs, json or apply.")
    ],
    identifiers: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Only these, in any state.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="PATH",
            help="Write to this file; key files go beside it, mode 0600.",
        ),
    ] = None,
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="Only this organization's.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also pending and disabled integrations.")
    ] = False,
) -> Report:
    """Export active integrations for your application, in the format of its library.

    Example: ltictl export pylti1p3 --output /srv/tool/lti.json
    """
    from ltictl.interchange.registry import format_named
    from ltictl.operations.interchange.export import (
        Selection,
        gather,
        require_printable,
        superseded,
        write_files,
    )
    from ltictl.operations.interchange.key_files import remove_key_files
    from ltictl.operations.keys.confirm_signing import note_handed_on

    chosen = format_named(form)
    selection = Selection(tuple(identifiers or ()), org or None, every)
    context = session.context()
    handed, damaged = gather(context, selection)
    rendered = chosen.render(handed)
    warnings = (*damaged, *rendered.warnings)
    if output is None:
        text = require_printable(chosen, rendered)
        return Report({}, lambda _: None, warnings, bare=text)
    written = write_files(rendered, output.absolute())
    # A rotation switched meanwhile: the files name a key that does not sign any more.
    if superseded(context, handed):
        return export(session, form, identifiers, output, org, every)
    removed, left = remove_key_files(written[0].parent, rendered.obsolete)
    warnings += tuple(left)
    # A file of one school or of one integration says nothing about the tool's other integrations.
    whole = not identifiers and not org
    secret = any(each.secret for each in (rendered.document, *rendered.beside))
    if handed.signer and whole and secret:
        warnings += note_handed_on(context, handed.signer.key.kid)

    def human(out: Output) -> None:
        out.note(f"Wrote {counted(len(handed.registrations), 'registration')} to {written[0]}")
        for path in written[1:]:
            out.note(f"  beside it: {path.name}")
        for path in removed:
            out.note(f"  removed, since nothing there names it: {path.name}")

    data = {
        "format": chosen.name,
        "files": [str(each) for each in written],
        "removed": [str(each) for each in removed],
        "integrations": [each.id for each in handed.integrations],
    }
    return Report(data, human, warnings)
