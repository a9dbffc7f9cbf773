"""The data flow of the two pipelines of the CI page."""

from typing import Final

from tests.support.drawing import Drawing

_TOLD: Final = (
    "Both pipelines restore the encrypted profile, and store it again at the end. The first one "
    "registers a school: it issues a URL, mails it to the LMS administrator, waits for the LMS, "
    "activates the integration, and exports to your application. The second one maintains: it "
    "applies lti.toml from git, rotates keys when due, exports to your application and publishes "
    "the key set, and verifies every integration at its LMS."
)
_WIDTH: Final = 118
_LEFT: Final = 16
_GAP: Final = 26
_REGISTER: Final = (
    "restore\nthe profile",
    "invite\nregistration-url",
    "wait\nregister",
    "activate\nactivate",
    "export\nexport, jwks",
    "keep\nthe profile",
)
_MAINTAIN: Final = (
    "restore\nthe profile",
    "apply\napply lti.toml",
    "rotate keys\nrotate-keys",
    "export\nexport, jwks",
    "keep\nthe profile",
    "verify\nverify --all",
)


def draw_pipelines() -> str:
    """Two rows of steps, and between them what they read and write."""
    drawing = Drawing(900, 452, "The data flow of the two pipelines", _TOLD)
    drawing.words(_LEFT, 28, "Pipeline 1: register a school, started by hand", "strong")
    drawing.words(
        _LEFT, 440, "Pipeline 2: maintain, every day and at each change of lti.toml", "strong"
    )
    _row(drawing, 44, _REGISTER)
    _row(drawing, 362, _MAINTAIN)
    _draw_places(drawing)
    return drawing.svg()


def _column(number: int) -> float:
    """The middle of a step."""
    return _LEFT + number * (_WIDTH + _GAP) + _WIDTH / 2


def _row(drawing: Drawing, top: float, steps: tuple[str, ...]) -> None:
    for number, words in enumerate(steps):
        drawing.box(_column(number) - _WIDTH / 2, top, _WIDTH, 52, words)
        if number:
            x = _column(number) - _WIDTH / 2
            drawing.line((x - _GAP, top + 26), (x, top + 26), arrow=True)


def _draw_places(drawing: Drawing) -> None:
    """Mailbox, LMS, application, profile store and git between the two rows."""
    top, bottom = 96, 362
    drawing.box(_column(1) - 70, 132, 140, 50, "administrator\nmail with the URL", "bare")
    drawing.box(_column(2) - 52, 132, 104, 50, "LMS\nits reply", "bare")
    drawing.box(_column(3) + 34, 204, 148, 50, "your application\nand its key set", "good")
    drawing.box(
        _LEFT,
        204,
        3 * _WIDTH,
        50,
        "profile store\none encrypted archive, three generations",
        "care",
    )
    drawing.box(_column(1) - 52, 290, 104, 40, "git: lti.toml", "bare")
    drawing.box(_column(5) - 62, 282, 124, 50, "every LMS\nkey sets, tokens", "bare")
    drawing.line((_column(0), 204), (_column(0), top), arrow=True)
    drawing.line((_column(0), 254), (_column(0), bottom), arrow=True)
    drawing.line((_column(1), top), (_column(1), 132), arrow=True)
    drawing.line((_column(1) + 70, 157), (_column(2) - 52, 157), arrow=True)
    drawing.line((_column(2), 132), (_column(2), top), arrow=True)
    drawing.line(
        (_column(4), top),
        (_column(4), 150),
        (_column(4) - 40, 150),
        (_column(4) - 40, 204),
        arrow=True,
    )
    drawing.line((_column(1), 330), (_column(1), bottom), arrow=True)
    drawing.line((_column(3) + 60, bottom), (_column(3) + 60, 254), arrow=True)
    drawing.line((_column(5), bottom), (_column(5), 332), arrow=True)
    _keep(drawing, (_column(5), top), 118)
    _keep(drawing, (_column(4), bottom), 346)


def _keep(drawing: Drawing, start: tuple[float, float], level: float) -> None:
    """The way of the profile back into its store, in the margin between a row and the places."""
    end = _LEFT + 3 * _WIDTH
    target = 218 if level < 204 else 240
    side = end + 66
    drawing.line(
        start,
        (start[0], level),
        (side, level),
        (side, target),
        (end, target),
        kind="line dashed",
        arrow=True,
    )
