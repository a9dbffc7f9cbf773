"""The ``completion`` command."""

from enum import StrEnum
from typing import Annotated

import typer

from ltictl.cli.render.output import Report
from ltictl.cli.session import Session


class Shell(StrEnum):
    """The shells for which ltictl has completion."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    session: Session,  # noqa: ARG001  every command takes one
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> Report:
    """Print a script that completes commands, options, organizations and integrations.

    Example: ltictl completion bash > ~/.local/share/bash-completion/completions/ltictl
    """
    from ltictl.cli.completion.scripts import completion_script

    script = completion_script(shell.value)
    return Report({"shell": shell.value}, lambda _: None, bare=script)
