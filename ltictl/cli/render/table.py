"""Draw tables for a terminal as text.

A table of short facts has one line for each row at any width, so a long list stays readable and
quick. A table with sentences wraps them, and where they would get less than a readable width, each
row becomes a paragraph.
"""

from collections.abc import Sequence
from typing import Final

# The cells of these columns are sentences.
_SENTENCES: Final = {"Detail", "What to do", "Value", "Source"}
# A narrow terminal leaves these columns out, in this order; 'show' and a pipe have them. The
# organization goes first, since an integration's id begins with it.
_LEFT_OUT_FIRST: Final = ("Organization", "Created", "Created at", "Deployments", "Client ID")
_OPAQUE: Final = {"Kid"}
_GAP: Final = "  "
_WIDE_GAP: Final = 3  # cells between the columns that rich draws
_READABLE: Final = 24  # cells that a sentence needs
_NARROWEST: Final = 12  # cells of a column that is cut; a state or a family is never cut
_STYLES: Final = {"active": "32", "pending": "33", "disabled": "2", "open": "36"}
STATES: Final = {"pass": "32", "warn": "33", "fail": "31", "unknown": "2"}
_RICH_STYLES: Final = {"pass": "green", "warn": "yellow", "fail": "red", "unknown": "dim"}


def table_text(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, colour: bool
) -> str:
    """Return a table for a terminal.

    Args:
        headings: column headings.
        rows: harmless text, which is never read as markup.
        width: of the terminal, in cells.
        colour: whether the terminal shows colours.

    Returns:
        Lines, each with a line feed at its end.
    """
    if _SENTENCES & set(headings):
        drawn = _wrap if _has_room(headings, rows, width) else _paragraphs
        return drawn(headings, rows, width, colour=colour)
    shown, widths = _fitted(headings, rows, width)
    lines = [_line([headings[at] for at in shown], widths, {}, bold=colour)]
    styles = _STYLES if colour else {}
    lines += [_line([row[at] for at in shown], widths, styles) for row in rows]
    left_out = [heading for at, heading in enumerate(headings) if at not in shown]
    if left_out:
        from ltictl.cli.render.wrapping import wrapped

        without = wrapped(f"(narrow terminal: without {', '.join(left_out)})", width, hanging=1)
        lines += [_dim(line, on=colour) for line in without.split("\n")]
    return "".join(f"{line}\n" for line in lines)


def _fitted(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> tuple[list[int], list[int]]:
    """Return the columns for which there is room, and their widths."""
    # First it leaves columns out, then it cuts texts that nobody reads to the end, then the
    # widest; the first column, which names the row, is cut last.
    widths = {
        at: max(_cells(heading), *(_cells(row[at]) for row in rows)) if rows else _cells(heading)
        for at, heading in enumerate(headings)
    }

    def excess() -> int:
        return sum(widths.values()) + len(_GAP) * (len(widths) - 1) - width

    left_out: dict[int, int] = {}
    for heading in _LEFT_OUT_FIRST:
        if excess() > 0 and heading in headings[1:]:
            at = headings.index(heading)
            left_out[at] = widths.pop(at)
    for at in reversed(left_out):  # one that is wide may have made room for narrower ones
        if excess() + left_out[at] + len(_GAP) <= 0:
            widths[at] = left_out[at]
    opaque = [at for at in widths if headings[at] in _OPAQUE]
    for cut in (opaque, [at for at in widths if at > 0], [0]):
        while excess() > 0 and (wide := [at for at in cut if widths[at] > _NARROWEST]):
            widest = max(wide, key=widths.__getitem__)
            widths[widest] = max(_NARROWEST, widths[widest] - excess())
    shown = sorted(widths)
    return shown, [widths[at] for at in shown]


def _line(
    cells: Sequence[str], widths: Sequence[int], styles: dict[str, str], *, bold: bool = False
) -> str:
    line = _GAP.join(
        _styled(_sized(text, width), styles.get(text, ""))
        for text, width in zip(cells, widths, strict=True)
    ).rstrip()
    return _styled(line, "1" if bold else "")


def _sized(text: str, width: int) -> str:
    """Return the text at exactly this width, with an ellipsis where it is cut."""
    if text.isascii():
        return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(f"{set_cell_size(text, width - 1).rstrip()}…", width)


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    from ltictl.cli.render.wrapping import cells

    return cells(text)


def _styled(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if style else text


def _dim(text: str, *, on: bool) -> str:
    return _styled(text, "2" if on else "")


def _has_room(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether sentences get a readable width beside the short facts."""
    needed = sum(
        max(_READABLE, _longest_word(rows, at))
        if heading in _SENTENCES
        else max((_cells(row[at]) for row in rows), default=0)
        for at, heading in enumerate(headings)
    )
    return needed + _WIDE_GAP * (len(headings) - 1) <= width


def _longest_word(rows: Sequence[Sequence[str]], at: int) -> int:
    """Return the width of a column's longest word: a URL that is broken cannot be copied."""
    return max((_cells(word) for row in rows for word in row[at].split()), default=0)


def _paragraphs(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, colour: bool
) -> str:
    """Return each row as a paragraph: its facts on one line, its sentences below."""
    from ltictl.cli.render.wrapping import wrapped

    styles = STATES if colour else {}
    lines = []
    for row in rows:
        cells = list(zip(headings, row, strict=True))
        facts = [text for heading, text in cells if heading not in _SENTENCES and text]
        lines.append(_GAP.join(_styled(text, styles.get(text, "")) for text in facts))
        sentences = [text for heading, text in cells if heading in _SENTENCES and text]
        lines += [wrapped(f"    {text}", width) for text in sentences]
    return "".join(f"{line}\n" for line in lines)


def _wrap(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, colour: bool
) -> str:
    from io import StringIO

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for at, heading in enumerate(headings):
        least = _longest_word(rows, at) if heading in _SENTENCES else None
        table.add_column(heading, overflow="fold", no_wrap=at == 0, min_width=least)
    for row in rows:
        table.add_row(*(Text(text, style=_RICH_STYLES.get(text, "")) for text in row))
    written = StringIO()
    Console(
        file=written,
        width=width,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    ).print(table)
    return written.getvalue()
