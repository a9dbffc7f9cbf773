"""The rooms of the code and their imports, from the front door down to the errors."""

from typing import Final, NamedTuple

from tests.support.drawing import Drawing, listed

_HEIGHT: Final = 52
_STOREY: Final = 92
_TOP: Final = 16


class Room(NamedTuple):
    """A folder of ``ltictl``, its storey and its place on it."""

    storey: int
    middle: int
    width: int
    words: str


ROOMS: Final = {
    "__main__": Room(0, 480, 190, "the front door"),
    "cli": Room(1, 480, 190, "the terminal"),
    "relay": Room(2, 120, 170, "page, sealed blocks"),
    "operations": Room(2, 400, 200, "one module per verb"),
    "sandbox": Room(2, 700, 190, "the embedded LMS"),
    "callback": Room(3, 75, 126, "the page"),
    "interchange": Room(3, 218, 136, "files of runtimes"),
    "store": Room(3, 356, 116, "documents"),
    "net": Room(3, 486, 120, "guarded HTTP"),
    "platforms": Room(3, 630, 140, "the LMSs"),
    "lti": Room(3, 804, 156, "the specifications"),
    "model": Room(4, 440, 190, "values and rules"),
    "errors": Room(5, 440, 190, "ways to fail"),
}
ARROWS: Final = (
    *(("__main__", "cli"), ("cli", "operations"), ("cli", "sandbox")),
    *(("operations", "relay"), ("operations", "callback"), ("operations", "interchange")),
    *(("operations", "store"), ("operations", "net"), ("operations", "platforms")),
    *(("operations", "lti"), ("relay", "callback"), ("sandbox", "lti")),
    *(("interchange", "model"), ("store", "model"), ("net", "model")),
    *(("platforms", "model"), ("lti", "model"), ("model", "errors")),
)


def draw_rooms() -> str:
    """Storeys from top to bottom; every arrow leads down or sideways."""
    described = listed([f"{name}: {room.words}" for name, room in ROOMS.items()])
    drawing = Drawing(
        900, _TOP * 2 + 5 * _STOREY + _HEIGHT, "The rooms of ltictl and their imports", described
    )
    for start, end in ARROWS:
        _draw_arrow(drawing, ROOMS[start], ROOMS[end])
    for name, room in ROOMS.items():
        drawing.box(
            room.middle - room.width / 2, _top(room), room.width, _HEIGHT, f"{name}\n{room.words}"
        )
    return drawing.svg()


def _top(room: Room) -> int:
    return _TOP + room.storey * _STOREY


def _draw_arrow(drawing: Drawing, start: Room, end: Room) -> None:
    if start.storey == end.storey:
        y = _top(start) + _HEIGHT / 2
        edge = start.middle - start.width / 2
        drawing.line((edge, y), (end.middle + end.width / 2 + 2, y), arrow=True)
        return
    drawing.line((start.middle, _top(start) + _HEIGHT), (end.middle, _top(end) - 2), arrow=True)
