"""The chain of numbered lines: each names the digest of the one before; pure."""

from collections.abc import Iterable, Iterator

from ltictl.store.log.lines import Line, digest

Placed = tuple[str, Line | None]


def chain_breaks(placed: Iterable[Placed]) -> Iterator[str]:
    """Yield one sentence for each line that does not fit onto the one before.

    Args:
        placed: place and line, oldest first; ``None`` for a damaged line.
    """
    former: Line | None = None
    damaged = False
    for place, line in placed:
        if line is None:
            damaged = True
            yield damage_of(place)
            continue
        if not line.is_intact:
            yield change_of(place)
        expected = former.seq + 1 if former else 1
        # Behind a damaged line, neither number nor digest has anything to compare with.
        if line.seq != expected and not damaged:
            yield f"{place} is line {line.seq}, where {expected} was expected."
        elif not damaged and line.previous != (digest(former) if former else ""):
            yield f"The line before {place} was changed: it carries another digest."
        # From here the chain goes on, so that one damaged line does not accuse all that follow.
        former, damaged = line, False


def damage_of(place: str) -> str:
    """Return the sentence for a line that cannot be read."""
    return f"{place} is damaged."


def change_of(place: str) -> str:
    """Return the sentence for a line whose body is not the one that was written."""
    return f"{place} was changed: its digest is another one."
