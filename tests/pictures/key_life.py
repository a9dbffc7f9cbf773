"""The life of a signing key as a time line, with the key before and after it."""

from typing import Final, NamedTuple

from tests.support.drawing import Drawing

_DESCRIPTION: Final = (
    "Day 0: key 1 signs. Day 90: a run makes key 2 and publishes it as next. Day 91: a run finds "
    "key 2 in the published set, so key 2 becomes current and signs; key 1 becomes retiring and "
    "stays published. The next run: each active LMS gives a token for key 2. Day 98: a run "
    "withdraws key 1, which is now retired. Day 181: a run makes key 3, and so on."
)
_DAYS: Final = {0: 130, 90: 330, 91: 470, 98: 640, 181: 800}
_END: Final = 880
_TOP: Final = 74
_ROW: Final = 62


class Span(NamedTuple):
    """A state of a key, from one day to another."""

    row: int
    start: int
    end: int
    words: str
    kind: str


_SPANS: Final = (
    Span(0, 0, 91, "current: published, signs", "good"),
    Span(0, 91, 98, "retiring: published", "care"),
    Span(0, 98, -1, "retired: kept on disk", "bare"),
    Span(1, 90, 91, "next: published", "box"),
    Span(1, 91, -1, "current: published, signs", "good"),
    Span(2, 181, -1, "next", "box"),
)
_RUNS: Final = (
    (90, "makes key 2"),
    (91, "finds it published"),
    (98, "withdraws key 1"),
    (181, "makes key 3"),
)


def draw_key_life() -> str:
    """Days from left to right, not to scale; a row for each key."""
    height = _TOP + 3 * _ROW + 70
    drawing = Drawing(900, height, "The life of a signing key", _DESCRIPTION)
    for day, x in _DAYS.items():
        drawing.words(x, 30, f"day {day}", "strong", "middle")
        drawing.line((x, 38), (x, height - 58), kind="faint")
    drawing.words(20, 30, "not to scale", "soft")
    for row in range(3):
        drawing.words(20, _TOP + row * _ROW + 25, f"Key {row + 1}", "strong")
    for span in _SPANS:
        start = _DAYS[span.start]
        end = _DAYS.get(span.end, _END)
        drawing.rectangle(start + 2, _TOP + span.row * _ROW, end - start - 4, 40, span.kind)
        drawing.words((start + end) / 2, _TOP + span.row * _ROW + 25, span.words, "soft", "middle")
    drawing.words(20, height - 34, "A run of", "soft")
    drawing.words(20, height - 18, "rotate-keys", "soft")
    for day, words in _RUNS:
        drawing.words(_DAYS[day], height - 34, words, "soft", "middle")
    drawing.words(
        (_DAYS[91] + _DAYS[98]) / 2, height - 14, "asks each LMS for a token", "soft", "middle"
    )
    return drawing.svg()
