"""Read the numbers that options take; an error names the option and its range."""

from collections.abc import Callable
from typing import Final

from ltictl.errors import UsageError

_PORTS: Final = range(65536)  # 0 means any free port
_COUNTS: Final = range(1, 1_000_000)


def port_number(option: str) -> Callable[[str | int], int]:
    """Return a typer parser for a port to listen on."""
    return _number(option, _PORTS, "from 1 to 65535, or 0 for any free port")


def count_number(option: str) -> Callable[[str | int], int]:
    """Return a typer parser for a count of repetitions."""
    return _number(option, _COUNTS, "of 1 or more")


def _number(option: str, allowed: range, words: str) -> Callable[[str | int], int]:
    def parse(text: str | int) -> int:  # typer passes the default unparsed
        typed = str(text).strip()
        number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1  # noqa: PLR2004  int() refuses very long numbers
        if number not in allowed:
            raise UsageError("usage", f"{option} takes a number {words}; it was {typed[:40]!r}.")
        return number

    return parse
