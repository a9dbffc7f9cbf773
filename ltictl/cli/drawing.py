"""Tables on a terminal; the only module that imports rich."""

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

_COLOURS = {"active": "green", "pending": "yellow", "disabled": "dim", "open": "cyan"}


def draw_table(stream: TextIO, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw a table as wide as the terminal.

    Args:
        stream: the terminal.
        headings: column headings.
        rows: harmless text; it is never read as markup.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for at, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=at == 0)
    for row in rows:
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
    Console(file=stream, highlight=False, soft_wrap=False).print(table)
