"""Writes the table of docs/reference/lms-matrix.md from the matrix that the tests play."""

from pathlib import Path
from typing import Final

from tests.support.lms_matrix import MATRIX, Step

PATH: Final = Path(__file__).parents[2] / "docs" / "reference" / "lms-matrix.md"
_BEGIN: Final = "<!-- Made by 'python -m tests.docs' from tests/support/lms_matrix.py: begin -->"
_END: Final = "<!-- end -->"


def lms_matrix_page() -> str:
    """The whole page, its table made anew."""
    before, begin, rest = PATH.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert begin, "the page has lost the marker before the table"
    assert end, "the page has lost the marker after the table"
    return f"{before}{_BEGIN}\n\n{_table()}\n\n{_END}{after}"


def _table() -> str:
    heads = [
        f"[{column.title}](../how-to/lms/{slug}.md)" + (" \u2020" if column.played else "")
        for slug, column in MATRIX.items()
    ]
    rows = [
        [f"**{step.value}**", *(column.cells[step].page for column in MATRIX.values())]
        for step in Step
    ]
    lines = [["step", *heads], ["---"] * (len(heads) + 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)
