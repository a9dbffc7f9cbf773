"""The ``report`` command, which shows a profile as a page."""

from ltictl.cli.command import OutputOption
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.hint import hint


def report(
    session: Session,
    output: OutputOption = None,
) -> Report:
    """Make a page for people who look rather than read: integrations, keys, registrations.

    It is one file that loads nothing and sends nothing; it names organizations and their LMSs.

    Example: ltictl report --output report.html
    """
    from ltictl.cli.render.report_page import render_report
    from ltictl.operations.overview import read_overview
    from ltictl.store.output_file import write_output

    shown = session.output.stdout_is_terminal and not session.output.json
    if output is None and shown:
        raise UsageError(
            "file_needed",
            "The page is for a browser, not for a terminal.",
            fix=f"Name a file: {hint('report', '--output', 'report.html')}",
        )
    seen = read_overview(session.context())
    html = render_report(seen, session.output.complete)
    if output is not None:
        write_output(output.absolute(), html.encode())

    def human(out: Output) -> None:
        if output is None:
            out.raw(html)
        else:
            out.note(f"Wrote {output}. Open it in a browser.")

    data = {"file": str(output) if output else None, "html": None if output else html}
    return Report(data, human, seen.warnings)
