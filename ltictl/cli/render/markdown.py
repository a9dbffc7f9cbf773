"""Markdown laid out for a terminal."""

import io


def lay_out(text: str, width: int, *, colour: bool) -> str:
    """Return Markdown as lines of at most ``width`` columns.

    Args:
        text: Markdown.
        width: columns.
        colour: whether the terminal shows colours.
    """
    from rich.console import Console
    from rich.markdown import Markdown

    lines = io.StringIO()
    console = Console(file=lines, width=width, force_terminal=colour, highlight=False)
    console.print(Markdown(text))
    return lines.getvalue()
