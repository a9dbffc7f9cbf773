"""``sandbox`` and ``demo``."""

from typing import Annotated

import typer

from ltictl.cli.numbers import port_number
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.sandbox.family import Like


def sandbox(
    session: Session,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            metavar="N",
            parser=port_number("--port"),
            help="Port to listen on; 0 for any free one.",
        ),
    ] = 8080,
    like: Annotated[Like, typer.Option("--like", help="LMS to imitate.")] = Like.MOODLE,
) -> Report:
    """Run the embedded LMS until Ctrl-C. It forgets everything at its end.

    Example: ltictl sandbox --like canvas
    """
    from ltictl.cli.signals import signals_to
    from ltictl.operations.events import Inbox, StopRequest
    from ltictl.sandbox.server import Sandbox

    inbox: Inbox = Inbox()
    with signals_to(inbox), Sandbox(port=port, family=like.code) as lms:
        session.output.urgent(f"Manage tools: {lms.admin_url}")
        session.output.note("Beside it run: ltictl register --org SLUG --allow-private")
        administration = lms.lms.administration
        if administration is not None:
            session.output.note(f"Its administrator's token: {administration.token}")
        session.output.note("Ctrl-C ends it.")
        while not isinstance(inbox.get(), StopRequest):
            pass
        data = {"url": lms.admin_url, "tools": len(lms.lms.tools())}
    return Report(data, lambda output: output.note("The embedded LMS has ended."))


def demo(session: Session) -> Report:
    """Play the whole story against the embedded LMS, in a temporary profile, unattended.

    Example: ltictl demo
    """
    from ltictl.cli.commands.demo import play
    from ltictl.cli.render.integration_rows import integration_rows
    from ltictl.cli.render.json_views import integration_view

    integration = play(session.output)

    def human(output: Output) -> None:
        output.note()
        output.table(*integration_rows([integration]))
        output.note()
        output.note("That was everything. Begin with your own tool: ltictl init")

    return Report({"integrations": [integration_view(integration)]}, human)
