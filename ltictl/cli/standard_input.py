"""Standard input as bytes, for the options that take ``-``; a caller may have closed it."""

import sys
from typing import BinaryIO

from ltictl.errors import UsageError


def standard_input() -> BinaryIO:
    """The stream itself.

    Raises:
        UsageError: there is none (``<&-``).
    """
    if sys.stdin is None:  # what Python makes of a closed descriptor 0
        raise UsageError(
            "stdin_closed",
            "Standard input is closed, so nothing can be read from it.",
            fix="Give the input with '< FILE' or a pipe, or name a file instead of '-'.",
        )
    return sys.stdin.buffer
