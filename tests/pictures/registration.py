"""The sequence of a registration: who sends what to whom."""

from typing import Final, NamedTuple

from tests.support.drawing import Drawing, listed

_LANES: Final = ("Operator", "ltictl", "Administrator's browser", "LMS")
_AT: Final = (90, 300, 560, 790)
_FIRST: Final = 92
_STEP: Final = 36


class Step(NamedTuple):
    """A message between two lanes, or work within one."""

    start: int
    end: int
    words: str
    kind: str = "box"


_STEPS: Final = (
    Step(0, 1, "register --org acme"),
    Step(1, 1, "stores the invitation"),
    Step(1, 0, "prints a one-time URL"),
    Step(0, 2, "sends the URL by mail"),
    Step(2, 3, "pastes the URL"),
    Step(3, 2, "opens the URL, adds its token"),
    Step(2, 1, "requests the page"),
    Step(1, 3, "fetches the configuration, once"),
    Step(1, 1, "checks it"),
    Step(1, 2, "shows the page"),
    Step(2, 1, "Register"),
    Step(1, 1, "saves the attempt to disk", "care"),
    Step(1, 3, "registration request, once"),
    Step(3, 1, "client_id, deployment_id"),
    Step(1, 1, "saves the reply to disk first", "good"),
    Step(1, 1, "stores the integration", "good"),
    Step(1, 2, "shows result and next steps"),
    Step(2, 3, "activates the tool"),
    Step(0, 1, "activate acme-moodle"),
)


def draw_registration() -> str:
    """Four lanes from top to bottom, and a row for each step."""
    height = _FIRST + len(_STEPS) * _STEP + 10
    described = listed(
        [
            f"{number}. {_LANES[step.start]}"
            + (f" to {_LANES[step.end]}" if step.end != step.start else "")
            + f": {step.words}"
            for number, step in enumerate(_STEPS, 1)
        ]
    )
    drawing = Drawing(900, height, "The sequence of a registration", described)
    for at, name in zip(_AT, _LANES, strict=True):
        drawing.line((at, 50), (at, height - 12), kind="faint")
        drawing.box(at - 88, 14, 176, 36, name)
    for number, step in enumerate(_STEPS):
        _draw_step(drawing, number, step)
    return drawing.svg()


def _draw_step(drawing: Drawing, number: int, step: Step) -> None:
    y = _FIRST + number * _STEP
    start, end = _AT[step.start], _AT[step.end]
    words = f"{number + 1}. {step.words}"
    if start == end:
        drawing.rectangle(start - 112, y - 15, 224, 25, step.kind)
        drawing.words(start, y + 2, words, anchor="middle")
        return
    towards = 6 if end > start else -6
    drawing.line((start + towards, y + 5), (end - towards, y + 5), arrow=True)
    # The words of a long arrow stand over its left part, where no lane crosses them.
    first = min(step.start, step.end)
    drawing.words((_AT[first] + _AT[first + 1]) / 2, y, words, "soft", "middle")
