"""Tables on a terminal; the only module that imports rich."""

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

# What a narrow terminal does without, the first of these first: 'show' and a pipe have them.
_LEFT_OUT_FIRST = ("Created", "Deployments", "Client ID")
_BETWEEN_COLUMNS = 3
_COLOURS = {"active": "green", "pending": "yellow", "disabled": "dim", "open": "cyan"}


def draw_table(stream: TextIO, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw a table as wide as the terminal.

    Args:
        stream: the terminal.
        headings: column headings.
        rows: harmless text; it is never read as markup.
    """
    console = Console(file=stream, highlight=False, soft_wrap=False)
    cells = [list(row) for row in rows]
    left_out = _left_out(headings, cells, console.width)
    shown = [at for at, heading in enumerate(headings) if heading not in left_out]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for at in shown:
        table.add_column(headings[at], overflow="fold", no_wrap=at == 0)
    for row in cells:
        table.add_row(*(Text(row[at], style=_COLOURS.get(row[at], "")) for at in shown))
    console.print(table)
    if left_out:
        console.print(Text(f"(narrow terminal: without {', '.join(left_out)})", style="dim"))


def _left_out(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> Sequence[str]:
    """Headings of columns for which there is no room."""
    widths = {
        heading: max(cell_len(text) for text in (heading, *(row[at] for row in rows)))
        for at, heading in enumerate(headings)
    }
    left_out = []
    for heading in _LEFT_OUT_FIRST:
        needed = sum(width + _BETWEEN_COLUMNS for width in widths.values()) - _BETWEEN_COLUMNS
        if needed > room and widths.pop(heading, None) is not None:
            left_out.append(heading)
    return left_out
