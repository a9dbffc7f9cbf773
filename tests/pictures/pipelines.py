"""The data flow of the two pipelines of the CI page."""

from typing import Final

from tests.support.drawing import Drawing

_DESCRIPTION: Final = (
    "Every step of both pipelines reads or writes the profile's documents in a bucket; "
    "profile.toml lies in git. The first pipeline registers a school: it issues a URL, mails it "
    "to the LMS administrator, waits for the LMS, activates the integration, and exports to your "
    "application. The second one maintains: it applies lti.toml from git, rotates keys when due, "
    "exports to your application and publishes the key set, and verifies every integration."
)
_WIDTH: Final = 150
_LEFT: Final = 20
_GAP: Final = 86
_HEIGHT: Final = 52
_REGISTER: Final = (
    "invite\nregistration-url",
    "wait\nregister",
    "activate\nactivate",
    "export\nexport, jwks",
)
_MAINTAIN: Final = (
    "apply\napply lti.toml",
    "rotate keys\nrotate-keys",
    "export\nexport, jwks",
    "verify\nverify --all",
)
_UPPER: Final = 124
_STORE: Final = 232
_LOWER: Final = 340


def draw_pipelines() -> str:
    """Two rows of steps, the bucket between them, and the outside world above and below."""
    drawing = Drawing(900, 500, "The data flow of the two pipelines", _DESCRIPTION)
    first = "Pipeline 1: register a school, started by hand"
    second = "Pipeline 2: maintain, daily and at each change of lti.toml"
    drawing.words(_LEFT, 24, first, "strong")
    drawing.words(_LEFT, 490, second, "strong")
    words = "bucket\nthe profile's documents; secrets are sealed"
    drawing.box(_LEFT, _STORE, 3 * (_WIDTH + _GAP) + _WIDTH, 54, words, "care")
    for top, steps in ((_UPPER, _REGISTER), (_LOWER, _MAINTAIN)):
        _draw_row(drawing, top, steps)
    _draw_outside(drawing)
    return drawing.svg()


def _column(number: int) -> float:
    """The middle of a step."""
    return _LEFT + number * (_WIDTH + _GAP) + _WIDTH / 2


def _draw_row(drawing: Drawing, top: float, steps: tuple[str, ...]) -> None:
    """The steps of one pipeline, each with what it reads from the bucket and writes there."""
    upper = top < _STORE
    inner = top + _HEIGHT if upper else top
    store = _STORE if upper else _STORE + 54
    for number, words in enumerate(steps):
        x = _column(number)
        drawing.box(x - _WIDTH / 2, top, _WIDTH, _HEIGHT, words)
        if number:
            left = x - _WIDTH / 2
            drawing.line((left - _GAP, top + 26), (left, top + 26), arrow=True)
        drawing.line((x - 24, store), (x - 24, inner), arrow=True)
        if not words.startswith("export"):
            drawing.line((x, inner), (x, store), arrow=True)


def _draw_outside(drawing: Drawing) -> None:
    """The LMS administrator, the LMSs and git, beyond the rows."""
    drawing.box(_column(0) - 75, 44, _WIDTH, 50, "administrator\nmail with the URL", "bare")
    drawing.box(_column(1) - 75, 44, _WIDTH, 50, "LMS\nits reply", "bare")
    drawing.line((_column(0), _UPPER), (_column(0), 94), arrow=True)
    drawing.line((_column(0) + 75, 69), (_column(1) - 75, 69), arrow=True)
    drawing.line((_column(1), 94), (_column(1), _UPPER), arrow=True)
    drawing.box(_column(0) - 75, 420, _WIDTH, 46, "git\nlti.toml, profile.toml", "bare")
    drawing.line((_column(0), 420), (_column(0), _LOWER + _HEIGHT), arrow=True)
    drawing.box(_column(3) - 75, 420, _WIDTH, 46, "every LMS\nkey sets, tokens", "bare")
    drawing.line((_column(3), _LOWER + _HEIGHT), (_column(3), 420), arrow=True)
    _draw_application(drawing, _column(3), 44, (_UPPER, 90))
    _draw_application(drawing, _column(2), 420, (_LOWER + _HEIGHT, 420))


def _draw_application(
    drawing: Drawing, middle: float, top: float, way: tuple[float, float]
) -> None:
    """The receiver of an export, with the way to it."""
    drawing.box(middle - 75, top, _WIDTH, 46, "your application\nand its key set", "good")
    drawing.line((middle, way[0]), (middle, way[1]), arrow=True)
