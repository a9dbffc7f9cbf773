"""The administrator's clicks in an LMS of which no real picture is at hand, drawn as windows.

The menus are those of ``ltictl.platforms``, the other words those of the LMS's own page in the
documentation. Each drawing says that it is none of the LMS's screens.
"""

from dataclasses import dataclass
from typing import Final

from ltictl.platforms.table import family_named
from tests.support.drawing import Drawing, listed

_WIDTH, _GAP, _MARGIN = 350, 16, 12
_BAR, _ROW = 26, 30
_URL: Final = "https://tool.example.com/..."
OURS: Final = "The page of ltictl"


@dataclass(frozen=True)
class Part:
    """One line of a window.

    Attributes:
        kind: ``menu``, ``choice``, ``tick``, ``field``, ``text`` or ``button``.
        words: the words on it, or the name of a field.
    """

    kind: str
    words: str


@dataclass(frozen=True)
class Window:
    """One view of the LMS or of ltictl."""

    title: str
    parts: tuple[Part, ...]

    @property
    def height(self) -> int:
        return _BAR + 12 + _ROW * len(self.parts) + 6


_CONFIRM: Final = Window(
    OURS, (Part("text", "permissions, shared data"), Part("button", "Register"))
)
_AFTER: Final[dict[str, tuple[Window, ...]]] = {
    "brightspace": (
        Window(
            "Register Tool",
            (
                Part("choice", "Dynamic"),
                Part("field", "the URL"),
                Part("tick", "the deployment"),
            ),
        ),
        Window(f"{OURS}, in a new tab", _CONFIRM.parts),
        Window(
            "LTI Advantage > the tool",
            (Part("button", "Enabled"), Part("menu", "View Deployments > New Deployment")),
        ),
    ),
    "canvas": (
        Window(
            "Install a New App", (Part("choice", "Dynamic Registration"), Part("field", "the URL"))
        ),
        Window(f"{OURS}, in a frame", _CONFIRM.parts),
        Window(
            "Canvas's own pages",
            (
                Part("text", "permissions, data sharing"),
                Part("text", "placements, names"),
                Part("button", "Enable & Close"),
            ),
        ),
    ),
    "sakai": (
        Window("LTI Dynamic Registration", (Part("field", "the URL"),)),
        _CONFIRM,
        Window(
            "Sakai's form", (Part("text", "the received values"), Part("button", "Save the tool"))
        ),
    ),
    "blackboard": (
        Window("LTI Dynamic Registration", (Part("field", "the URL"),)),
        _CONFIRM,
        Window(
            "At each institution",
            (
                Part("menu", "Administrator Panel > LTI Tool Providers > Register LTI 1.3 Tool"),
                Part("field", "the client id"),
                Part("button", "Approve"),
            ),
        ),
    ),
}
FAMILIES: Final = tuple(_AFTER)


def windows_of(slug: str) -> tuple[Window, ...]:
    """Return the views in the order in which an administrator meets them."""
    family = family_named(slug)
    return (Window(family.title, (Part("menu", family.paste[0]),)), *_AFTER[slug])


def draw_clicks(slug: str) -> str:
    """Draw the windows of one LMS, two in a row, numbered."""
    title = family_named(slug).title
    windows = [_unfolded(each) for each in windows_of(slug)]
    rows = [windows[at : at + 2] for at in range(0, len(windows), 2)]
    heights = [max(each.height for each in row) for row in rows]
    height = sum(heights) + _GAP * len(rows) + 2 * _MARGIN + 16
    described = listed([f"{each.title}: {_heard(each)}" for each in windows])
    drawing = Drawing(
        2 * (_WIDTH + _MARGIN) + _GAP,
        height,
        f"The clicks in {title}, drawn",
        f"A drawing, not a screenshot of {title}. {described}",
    )
    top = float(_MARGIN)
    for row, tall in zip(rows, heights, strict=True):
        for column, window in enumerate(row):
            number = 2 * rows.index(row) + column + 1
            _draw_window(drawing, _MARGIN + column * (_WIDTH + _GAP), top, number, window)
        top += tall + _GAP
    drawing.words(_MARGIN, height - 10, f"A drawing, not a screenshot of {title}.", "soft")
    return drawing.svg()


def _unfolded(window: Window) -> Window:
    """Put each entry of a menu's path on a line of its own."""
    parts = [
        Part(part.kind, words)
        for part in window.parts
        for words in (part.words.split(" > ") if part.kind == "menu" else [part.words])
    ]
    return Window(window.title, tuple(parts))


def _heard(window: Window) -> str:
    return ", ".join(f"{each.kind} {each.words}" for each in window.parts)


def _draw_window(drawing: Drawing, left: float, top: float, number: int, window: Window) -> None:
    drawing.rectangle(left, top, _WIDTH, window.height, "bare")
    drawing.rectangle(left, top, _WIDTH, _BAR, "box")
    drawing.words(left + 10, top + 18, f"{number}. {window.title}", "strong")
    depth = 0
    for at, part in enumerate(window.parts):
        # A menu's path goes one step to the right with each entry.
        depth = depth + 1 if part.kind == "menu" else 0
        _draw_part(drawing, left + 14 + 16 * max(0, depth - 1), top + _BAR + 12 + at * _ROW, part)


def _draw_part(drawing: Drawing, left: float, top: float, part: Part) -> None:
    middle = top + 17
    if part.kind == "button":
        drawing.box(left, top, 22 + 8 * len(part.words), 24, part.words, "good")
    elif part.kind == "field":
        drawing.words(left, middle, part.words)
        drawing.rectangle(left + 88, top, _WIDTH - 118, 24, "care")
        shown = _URL if part.words == "the URL" else "..."
        drawing.words(left + 96, middle, shown, "soft")
    elif part.kind in {"choice", "tick"}:
        drawing.rectangle(left, top + 4, 15, 15, "care")
        mark = ((left + 3, top + 11), (left + 6, top + 15), (left + 12, top + 7))
        drawing.line(*mark)
        drawing.words(left + 24, middle, part.words)
    elif part.kind == "menu":
        drawing.box(left, top, 18 + 8 * len(part.words), 24, part.words)
    else:
        drawing.words(left, middle, part.words, "soft")
