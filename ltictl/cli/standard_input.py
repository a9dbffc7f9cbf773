"""Read standard input as bytes, and secrets from it or from files."""

import sys
from pathlib import Path
from typing import BinaryIO, Final

from ltictl.errors import UsageError

_MAX_SECRET: Final = 64 * 1024  # bytes; no LMS issues a longer token


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


def read_secret(source: str, subject: str) -> str:
    """Return the text of a file, or of standard input for ``-``, cut off after 64 KiB.

    Args:
        source: the path, or ``-``.
        subject: the secret, as the error's message begins.

    Raises:
        UsageError: ``token_unreadable``.
    """
    try:
        if source == "-":
            return standard_input().read(_MAX_SECRET).decode("utf-8")
        with Path(source).open("rb") as file:
            return file.read(_MAX_SECRET).decode("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            "token_unreadable",
            f"{subject} cannot be read from {source!r}.",
            why=error.strerror or "" if isinstance(error, OSError) else "It is not text.",
            fix="Give the path of a file that holds the token alone, or '-' for stdin.",
        ) from error
