"""The decision tree of the page on other computers: which of the ways A to E fits."""

from typing import Final

from tests.support.drawing import Drawing

_DESCRIPTION: Final = (
    "If the administrator's browser runs on the computer of ltictl, the printed URL works. If not: "
    "where does ltictl run? On your tool's server, for another administrator: A, a reverse proxy. "
    "On a server, and you are the administrator: C, ssh -L. In a container: D, --listen. "
    "On your laptop, with a server that can run programs: B, ssh -R. "
    "On your laptop, with a server that can only deliver files: E, the relay page."
)
_LEAVES: Final = (
    (12, "A: reverse proxy\non your tool's server"),
    (190, "C: ssh -L\nfrom your computer"),
    (368, "D: --listen\nand a published port"),
    (546, "B: ssh -R\nthrough your server"),
    (724, "E: relay page\nand a sealed block"),
)


def draw_where() -> str:
    """Questions from top to bottom, the five ways in the last row."""
    drawing = Drawing(900, 430, "Where does the LMS administrator's browser run?", _DESCRIPTION)
    drawing.box(250, 14, 400, 50, "Where does the administrator's browser run?", "care")
    _branch(drawing, (350, 64), (150, 112), "on the computer of ltictl")
    _branch(drawing, (550, 64), (630, 112), "on another computer")
    drawing.box(30, 112, 240, 50, "Nothing to do:\nthe printed URL works", "good")
    drawing.box(500, 112, 260, 50, "Where does ltictl run?", "care")
    _branch(drawing, (540, 162), (190, 212), "on a server")
    _branch(drawing, (630, 162), (451, 346), "in a container")
    _branch(drawing, (720, 162), (715, 212), "on your laptop")
    drawing.box(80, 212, 220, 50, "Who is the administrator?", "care")
    drawing.box(600, 212, 230, 50, "What can your server do?", "care")
    _branch(drawing, (140, 262), (95, 346), "someone else")
    _branch(drawing, (240, 262), (273, 346), "you")
    _branch(drawing, (680, 262), (629, 346), "run programs")
    _branch(drawing, (760, 262), (807, 346), "deliver files")
    for left, words in _LEAVES:
        drawing.box(left, 346, 166, 56, words)
    return drawing.svg()


def _branch(
    drawing: Drawing, start: tuple[float, float], end: tuple[float, float], answer: str
) -> None:
    drawing.line(start, end, arrow=True)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    width = 8 + 7 * len(answer)
    drawing.rectangle(x - width / 2, y - 11, width, 20, "paper")
    drawing.words(x, y + 4, answer, "soft", "middle")
