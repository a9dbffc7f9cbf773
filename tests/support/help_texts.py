"""Reads the text of ``ltictl COMMAND --help``."""

import contextlib
import io
import re
from functools import cache

from ltictl.cli.app import main


@cache
def help_of(command: str) -> str:
    """The text of ``--help``."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        code = main([*command.split(), "--help"])
    if code:
        raise ValueError(f"no help of {command}")
    return written.getvalue()


def options_of(command: str) -> set[str]:
    """The options that ``--help`` lists."""
    lines = help_of(command).splitlines()
    return {option for line in lines for option in re.findall(r"^  (--[a-z-]+)", line)}
