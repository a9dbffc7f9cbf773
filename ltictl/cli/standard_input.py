"""Standard input as bytes, for options that take ``-``."""

import sys
from typing import BinaryIO

from ltictl.errors import UsageError


def standard_input() -> BinaryIO:
    """Return standard input.

    Raises:
        UsageError: the caller closed it (``<&-``).
    """
    if sys.stdin is None:  # Python sets it so for a closed descriptor 0
        raise UsageError(
            "stdin_closed",
            "Standard input is closed, so nothing can be read from it.",
            fix="Give the input with '< FILE' or a pipe, or name a file instead of '-'.",
        )
    return sys.stdin.buffer
