"""The ``sandbox launch`` command."""

from typing import Annotated

import typer

from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session


def launch(
    session: Session,
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="An integration in the embedded LMS that runs.")
    ],
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address.")
    ] = False,
) -> Report:
    """Open a course of the running embedded LMS, to launch the tool and to select content.

    Example: ltictl sandbox launch acme-moodle
    """
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.sandbox_launch import launch_page

    integration, url = launch_page(session.context(), identifier)

    def human(output: Output) -> None:
        output.line(url)
        if output.stdout_is_terminal and not no_browser:
            import webbrowser

            webbrowser.open(url)

    return Report({"url": url, "integrations": [integration_view(integration)]}, human)
