"""Show one changed value: its name, what it is, and what it becomes."""

from collections.abc import Callable


def show_difference(write: Callable[[str], None], name: str, now: str, wanted: str) -> None:
    """Write three lines, so that two long addresses stand one above the other.

    Args:
        write: writes one line.
        name: of the value.
        now: the present value, empty for none.
        wanted: the value that replaces it, empty for none.
    """
    write(name)
    write(f"  - {now or '(nothing)'}")
    write(f"  + {wanted or '(nothing)'}")
