"""The ``serve`` command, which runs the callback server as a service."""

from datetime import timedelta
from typing import Annotated

import typer

from ltictl.cli.callback_options import ListenOption, PortOption
from ltictl.cli.command import PublicUrlOption, reaches_lms, writes
from ltictl.cli.numbers import port_number
from ltictl.cli.render.output import Output, Report
from ltictl.cli.render.service_log import LogFormat
from ltictl.cli.session import Session

_MONITOR_PORT = 8766  # beside the page's usual one


@reaches_lms
@writes
def serve(
    session: Session,
    port: PortOption = None,
    listen: ListenOption = "127.0.0.1",
    public_url: PublicUrlOption = "",
    monitor_port: Annotated[
        int,
        typer.Option(
            "--monitor-port",
            metavar="N",
            parser=port_number("--monitor-port"),
            help="Port of /healthz, /readyz and /metrics, on 127.0.0.1 alone; 0 for any.",
        ),
    ] = _MONITOR_PORT,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="Of the lines on stderr.")
    ] = LogFormat.TEXT,
    activate: Annotated[
        bool, typer.Option("--activate", help="Activate each new integration.")
    ] = False,
) -> Report:
    """Serve the page for years: every open invitation, under a supervisor, with a monitor.

    SIGHUP reads profile.toml again. SIGTERM ends it after the LMSs' outstanding answers.

    Example: ltictl serve --log-format json
    """
    import os

    from ltictl.cli.render.exposition import exposition
    from ltictl.cli.render.service_log import ServiceLog
    from ltictl.cli.signals import reloads_to, signals_to
    from ltictl.model.web_address import WebAddress
    from ltictl.operations.events import Inbox
    from ltictl.operations.metrics import read_metrics
    from ltictl.operations.registration.listening_order import ListeningOrder
    from ltictl.operations.registration.reach import Reach
    from ltictl.operations.registration.serve import Service, ServiceOrder

    context, inbox = session.context(), Inbox()
    callback = context.profile.settings().callback
    fixed_url = WebAddress.parse(public_url, "--public-url").url if public_url else ""
    wanted = ListeningOrder(
        host=listen,
        port=callback.port if port is None else port,
        public_url=fixed_url or callback.public_url,
        organization=None,
        timeout=callback.timeout,
        count=0,
        activate=activate,
        silence=timedelta.max,  # silence is no news for a service
        names_all=False,  # a reload may make a page public that was on loopback alone
    )
    log = ServiceLog(session.output, log_format, context.now)
    order = ServiceOrder(
        fixed_url=fixed_url,
        monitor_port=monitor_port,
        metrics=lambda: exposition(read_metrics(context).metrics),
        environment=os.environ,
    )
    service = Service(context, wanted, Reach(session.policy()), inbox, log.show, order)
    try:
        with signals_to(inbox), reloads_to(inbox):
            service.run()
    finally:
        with signals_to(inbox):  # a signal would cut off the last page
            service.close()

    def human(output: Output) -> None:
        if not log.is_json:
            output.note(f"Ended; {log.registered} registered since the start.")

    return Report({"registered": log.registered}, human)
