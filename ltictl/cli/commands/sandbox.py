"""The commands ``sandbox`` and ``demo``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.numbers import port_number
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.sandbox.family import Like

if TYPE_CHECKING:
    from ltictl.sandbox.server import Sandbox


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
    write_token: Annotated[
        str,
        typer.Option(
            "--write-token",
            metavar="PATH",
            help="Write its administrator's token for 'ltictl lms' to this file.",
        ),
    ] = "",
) -> Report:
    """Run the embedded LMS until Ctrl-C. It forgets everything at its end.

    Example: ltictl sandbox --like canvas
    """
    from ltictl.cli.signals import signals_to
    from ltictl.operations.events import Inbox, StopRequest
    from ltictl.sandbox.server import Sandbox

    inbox: Inbox = Inbox()
    with signals_to(inbox), Sandbox(port=port, family=like.code) as lms:
        _hand_out_token(session, lms, write_token)
        session.output.urgent(f"Manage tools: {lms.admin_url}")
        session.output.note("Beside it run: ltictl register --org SLUG --allow-private")
        session.output.note("Ctrl-C ends it.")
        # The server answers in a thread of its own.
        while not isinstance(inbox.get(), StopRequest):
            pass
        data = {"url": lms.admin_url, "tools": len(lms.lms.tools())}
    return Report(data, lambda output: output.note("The embedded LMS has ended."))


def _hand_out_token(session: Session, lms: "Sandbox", path: str) -> None:
    """Write the administrator's token to the file that the command line names, if it names one.

    Raises:
        UsageError: this LMS has no interface for administrators.
    """
    from ltictl.store.output_file import write_output

    administration = lms.lms.administration
    if not path:
        return
    if administration is None:
        raise UsageError(
            "options_conflict",
            "The embedded LMS plays no interface for administrators in this role.",
            fix="Leave out --write-token, or choose another --like.",
        )
    write_output(Path(path), f"{administration.token}\n".encode(), private=True)
    session.output.note(f"Its administrator's token is in {path}.")


def demo(session: Session) -> Report:
    """Play a whole registration against the embedded LMS, in a temporary profile.

    Example: ltictl demo
    """
    from ltictl.cli.commands.demo import play
    from ltictl.cli.render.integration_rows import integration_rows
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.context import utc_now

    integration = play(session.output)

    def human(output: Output) -> None:
        output.note()
        output.table(*integration_rows([integration], output, utc_now()))
        output.note()
        output.note("That was everything. Begin with your own tool: ltictl init")

    return Report({"integrations": [integration_view(integration)]}, human)
