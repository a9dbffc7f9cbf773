"""Reads what a person pastes: never shown, and whole, however long its lines are."""

import contextlib
import os
import select
from collections.abc import Iterator
from typing import Final

from ltictl.cli.render.output import Output
from ltictl.cli.standard_input import standard_input
from ltictl.errors import UsageError

MAX_PASTE: Final = 256 * 1024
# Between two pieces of one paste less time passes, even through ssh.
_QUIET_SECONDS: Final = 0.4
_CHUNK: Final = 4096
_END_OF_INPUT: Final = b"\x04"  # Ctrl-D comes as a byte once the terminal hands over every key


def read_paste(output: Output) -> str:
    """Return the text on stdin: all of it from a pipe, one paste from a terminal.

    Raises:
        UsageError: nothing, or far too much.
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
    except ImportError:  # Windows: no lines of limited length there
        import getpass

        return getpass.getpass("Paste the address or the sealed block: ", output.stderr).encode()
    with _every_key(descriptor):
        output.urgent("Paste the address or the sealed block, then press Enter (it is not shown).")
        data = _one_paste(descriptor)
        # What still comes must not answer the question that follows.
        termios.tcflush(descriptor, termios.TCIFLUSH)
    return data


@contextlib.contextmanager
def _every_key(descriptor: int) -> Iterator[None]:
    """The terminal without echo and without lines, which end at 4,095 characters (termios(3)).

    Ctrl-C stays a signal. Prompting comes after this, so that no early paste is cut.
    """
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
    """Whether a line has ended, and the block if one has begun; a wrapped address goes on."""
    begun, ended = b"-----BEGIN" in data, b"-----END" in data
    return data.rstrip(b" ").endswith((b"\n", b"\r")) and bool(data.strip()) and begun == ended
