"""The options of the callback server that ``register`` and ``serve`` share."""

from typing import Annotated

import typer

from ltictl.cli.numbers import port_number
from ltictl.model.profile import CallbackSettings

PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="N",
        parser=port_number("--port"),
        help="Port to listen on; 0 for any free one.",
        show_default=f"the profile's, {CallbackSettings().port} unless set",
    ),
]
ListenOption = Annotated[
    str, typer.Option("--listen", metavar="ADDR", help="Address to listen on.")
]
