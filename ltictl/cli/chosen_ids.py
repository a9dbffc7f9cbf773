"""The argument and the option of commands that take either ids or ``--all``."""

from typing import Annotated

import typer

from ltictl.cli.session import Session
from ltictl.errors import UsageError

SomeIdsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[ID...]", help="As 'ltictl list' shows them.")
]
AllOption = Annotated[bool, typer.Option("--all", help="All integrations.")]


def require_choice(session: Session, chosen: bool) -> None:
    """Refuse a command line that names neither ids nor ``--all``, or both.

    Raises:
        UsageError: ``chosen`` is false.
    """
    if not chosen:
        raise UsageError(
            "options_missing",
            "Name integrations, or give --all.",
            fix=f"ltictl {session.command} --all",
        )
