"""Read a pasted text whole, with lines of any length, and without showing it."""

import contextlib
import os
import select
from collections.abc import Iterator
from typing import Final

from ltictl.cli.render.output import Output
from ltictl.cli.standard_input import standard_input
from ltictl.errors import UsageError

MAX_PASTE: Final = 256 * 1024
# The pieces of one paste arrive within this time, even through ssh.
_QUIET_SECONDS: Final = 0.4
_CHUNK: Final = 4096
_END_OF_INPUT: Final = b"\x04"  # without lines, the terminal passes Ctrl-D on as a byte


def read_paste(output: Output) -> str:
    """Return the text on stdin: all of it from a pipe, one paste from a terminal.

    Raises:
        UsageError: stdin holds nothing, or far too much.
    """
    stream = standard_input()
    if stream.isatty():
        data = _from_terminal(stream.fileno(), output)
    else:
        data = stream.read(MAX_PASTE + 1)
    if len(data) > MAX_PASTE:
        raise UsageError(
            "paste_too_long",
            f"What was pasted is longer than {MAX_PASTE // 1024} KiB.",
            fix="Paste the address or the sealed block alone.",
        )
    text = data.decode("utf-8", "replace").strip()
    if not text:
        raise UsageError(
            "nothing_pasted",
            "Nothing was pasted.",
            fix="Paste the address or the sealed block, or pipe it: --paste < FILE",
        )
    return text


def _from_terminal(descriptor: int, output: Output) -> bytes:
    try:
        import termios
    except ImportError:  # Windows, which does not limit the length of a line
        import getpass

        return getpass.getpass("Paste the address or the sealed block: ", output.stderr).encode()
    with _every_key(descriptor):
        output.urgent("Paste the address or the sealed block, then press Enter (it is not shown).")
        data = _one_paste(descriptor)
        # The rest of the paste must not answer the next question.
        termios.tcflush(descriptor, termios.TCIFLUSH)
    return data


@contextlib.contextmanager
def _every_key(descriptor: int) -> Iterator[None]:
    """Switch the terminal's echo and line mode off until the block is left."""
    # A line in line mode ends at 4,095 characters (termios(3)). The prompt comes after the switch,
    # so that an early paste is not cut off. Ctrl-C stays a signal.
    import termios

    former = termios.tcgetattr(descriptor)
    changed = termios.tcgetattr(descriptor)
    changed[3] &= ~(termios.ICANON | termios.ECHO)
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, changed)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, former)


def _one_paste(descriptor: int) -> bytes:
    data = bytearray()
    while len(data) <= MAX_PASTE:
        patience = _QUIET_SECONDS if _may_end(data) else None
        if not select.select([descriptor], [], [], patience)[0]:
            break
        piece = os.read(descriptor, _CHUNK)
        data += piece
        if not piece or _END_OF_INPUT in piece:
            break
    return bytes(data.replace(_END_OF_INPUT, b""))


def _may_end(data: bytearray) -> bool:
    """Return whether the paste may be complete: its last line and its sealed block have ended."""
    begun, ended = b"-----BEGIN" in data, b"-----END" in data
    return data.rstrip(b" ").endswith((b"\n", b"\r")) and bool(data.strip()) and begun == ended
