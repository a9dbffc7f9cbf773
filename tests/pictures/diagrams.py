"""The drawings that need no running program, by their names in docs/pictures."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tests.pictures.clicks import FAMILIES, draw_clicks
from tests.pictures.key_life import draw_key_life
from tests.pictures.pipelines import draw_pipelines
from tests.pictures.registration import draw_registration
from tests.pictures.rooms import draw_rooms
from tests.pictures.where import draw_where
from tests.support import growth_plot
from tests.support.speed_bars import draw_speed

_PAGE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "performance.md"


def _draw_speed() -> str:
    return draw_speed(_PAGE.read_text("utf-8"))


def _draw_growth() -> str:
    return growth_plot.draw(growth_plot.TITLE, growth_plot.read_lines())


DIAGRAMS: Final[dict[str, Callable[[], str]]] = {
    "registration": draw_registration,
    "where": draw_where,
    "key-life": draw_key_life,
    "pipelines": draw_pipelines,
    "architecture": draw_rooms,
    "speed": _draw_speed,
    "growth": _draw_growth,
    **{f"clicks-{slug}": partial(draw_clicks, slug) for slug in FAMILIES},
}


def draw_diagrams(folder: Path) -> list[Path]:
    """Write all of them into ``folder``."""
    made = []
    for name, draw in DIAGRAMS.items():
        made.append(folder / f"{name}.svg")
        made[-1].write_text(draw(), "utf-8")
    return made
