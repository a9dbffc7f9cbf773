"""Write text to streams that may be closed, full, or without Unicode or colours."""

import os
import sys
from pathlib import Path
from typing import TextIO

from ltictl.errors import LtictlError


def understands_escapes() -> bool:
    """Return whether a terminal here obeys escape codes; the old console of Windows prints them."""
    if os.name == "nt":
        return "WT_SESSION" in os.environ or "TERM" in os.environ
    return os.environ.get("TERM") != "dumb"


def may_be_coloured() -> bool:
    """Return whether this run may write colours and bold text to a terminal."""
    return understands_escapes() and not os.environ.get("NO_COLOR")


def nowhere() -> TextIO:
    """Return a substitute for a stream that the caller closed (``>&-``)."""
    return Path(os.devnull).open("w", encoding="utf-8")


def write(stream: TextIO, text: str) -> None:
    """Write a text to a stream and flush it.

    Raises:
        LtictlError: stdout took only a part, so its reader must not trust the output.
    """
    try:
        # A reader that has gone away must not stop a run that is storing an answer.
        _write_encoded(stream, text)
    except (BrokenPipeError, ValueError):
        return
    except OSError as error:  # a full disk, or a terminal that is gone
        if stream is not sys.stderr:
            raise _cut_off(error) from error


def _write_encoded(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _cut_off(error: OSError) -> LtictlError:
    return LtictlError(
        "cannot_print",
        f"The output could not be written: {error.strerror or error}.",
        why="The disk that it goes to is full or failing. What the command did is done.",
        fix="Make room, then look at 'ltictl list'.",
    )
