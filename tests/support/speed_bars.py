"""Draws the figures of the page on performance as bars: how much of its target each one uses."""

import textwrap
from typing import Final, NamedTuple

from tests.support.drawing import Drawing, listed

_TOP: Final = 64
_ROW: Final = 40
_LEFT: Final = 612
_FULL: Final = 210  # as long as a figure that is exactly on its target
_MOST: Final = 1.25
_NAME_LENGTH: Final = 72


class Figure(NamedTuple):
    """A row with a target.

    Attributes:
        what: name of the measured thing.
        beside: what it is compared with.
        share: of the target that is used; above 1 the target is missed.
        words: figure and target, for people.
    """

    what: str
    beside: str
    share: float
    words: str


def draw_speed(page: str) -> str:
    """Bars for the table of ``page``, in its order."""
    figures = figures_of(page)
    shares = [f"{each.what}: {each.words}, {each.share:.0%} of the target" for each in figures]
    drawing = Drawing(
        900, _TOP + len(figures) * _ROW + 16, "Speed: the share of each target", listed(shares)
    )
    drawing.words(16, 28, "Each bar is the share of a target. Shorter is better.", "strong")
    drawing.words(_LEFT, 50, "0", "soft", "middle")
    drawing.words(_LEFT + _FULL, 50, "the target", "soft", "middle")
    for number, each in enumerate(figures):
        _draw_bar(drawing, _TOP + number * _ROW, each)
    drawing.line((_LEFT + _FULL, 56), (_LEFT + _FULL, drawing.height - 12), kind="line dashed")
    return drawing.svg()


def figures_of(page: str) -> list[Figure]:
    """The rows of the table that have a target."""
    rows = [line.strip("|").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [
        _figure([cell.strip(" `") for cell in row])
        for row in rows
        if row[4:] and row[4].startswith(("≤", "≥"))
    ]


def _figure(cells: list[str]) -> Figure:
    what, _, beside, figure, target = (cell.replace("`", "") for cell in cells[:5])
    sign, wanted = target[0], float(target.split()[1])
    measured = float(figure.split()[0])
    share = wanted / measured if sign == "≥" else measured / wanted
    compared = "; ".join(part.rpartition(": ")[0] or part for part in beside.split("; "))
    return Figure(what, compared, share, f"{figure}, target {target}")


def _draw_bar(drawing: Drawing, top: int, figure: Figure) -> None:
    name = textwrap.shorten(figure.what, _NAME_LENGTH, placeholder=" …")
    beside = f"beside {figure.beside}: " if figure.beside else ""
    drawing.words(16, top + 14, name)
    below = textwrap.shorten(beside, _NAME_LENGTH - len(figure.words), placeholder=" …: ")
    drawing.words(16, top + 30, f"{below} {figure.words}".strip(), "soft")
    kind = "good" if figure.share <= 1 else "care"
    length = _FULL * min(figure.share, _MOST)
    drawing.rectangle(_LEFT, top + 6, max(length, 2), 20, kind)
    drawing.words(_LEFT - 8, top + 21, f"{figure.share:.0%}", "soft", "end")
