"""Name the first few things of a list in a sentence, and count the others."""

from collections.abc import Iterable


def few(things: Iterable[object], most: int = 5) -> str:
    """Return the first ``most`` names, and the number of the others."""
    names = [str(each) for each in things]
    # A sentence with hundreds of ids hides its verb, and a terminal scrolls it away.
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
