"""The diagrams in docs/pictures are those that this code draws, and they are true."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import ltictl
from ltictl.platforms.table import family_named
from tests.pictures.clicks import FAMILIES, OURS, windows_of
from tests.pictures.diagrams import DIAGRAMS
from tests.pictures.proportions import STYLE, room_for
from tests.pictures.rooms import ARROWS, ROOMS
from tests.support.speed_bars import figures_of

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "pictures"
LMS_PAGES = DOCS / "how-to" / "lms"
SOURCE = Path(ltictl.__file__).parent
# Stated in words beside the picture: these would cross it.
IN_WORDS = {
    *(("callback", "lti"), ("interchange", "lti"), ("platforms", "lti")),
    *(("interchange", "platforms"), ("relay", "lti")),
}
_IMPORTED = re.compile(r"^\s*(?:from|import) ltictl\.(\w+)", re.MULTILINE)


@pytest.mark.parametrize("name", DIAGRAMS)
def test_the_picture_is_the_one_that_is_drawn(name: str) -> None:
    assert (FOLDER / f"{name}.svg").read_text("utf-8") == DIAGRAMS[name](), "run: make pictures"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.name)
def test_a_drawing_can_be_heard_and_loads_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    drawing = ET.fromstring(text)  # noqa: S314  one of our own files
    named = {element.tag.rpartition("}")[2]: (element.text or "") for element in drawing}

    assert len(named["title"]) > 10
    assert len(named["desc"]) > 100
    assert "prefers-color-scheme: dark" in text.replace("scheme:dark", "scheme: dark") or (
        path.name == "demo.svg"  # a terminal is dark for everyone
    )
    assert not re.findall(r"(?:href|src|url\()=?[\"'(]?https?:|<script", text)


@pytest.mark.parametrize("slug", FAMILIES)
def test_a_drawing_of_clicks_uses_the_words_of_the_lms_and_says_that_it_is_one(slug: str) -> None:
    page = " ".join((LMS_PAGES / f"{slug}.md").read_text("utf-8").split()).lower()
    known = page + str(family_named(slug)).lower()
    theirs = [window for window in windows_of(slug) if not window.title.startswith(OURS)]
    words = [each.words for window in theirs for each in window.parts]

    assert len(words) >= 4
    strange = [
        part for line in words for part in re.split(", | > ", line) if part.lower() not in known
    ]
    assert strange == []
    assert f"not a screenshot of {family_named(slug).title}" in DIAGRAMS[f"clicks-{slug}"]()
    assert f"not a screenshot of {family_named(slug).title.lower()}" in page


def test_each_picture_has_its_room_before_it_loads() -> None:
    assert STYLE.read_text("utf-8") == room_for(FOLDER), "run: make pictures"


def test_every_arrow_between_rooms_is_an_import_and_none_is_missing() -> None:
    imported = {
        (room, to) for room in ROOMS for to in _imports_of(room) if to not in {room, "errors"}
    }
    drawn = {pair for pair in ARROWS if pair != ("model", "errors")}

    assert drawn <= imported
    # What cli and operations use of lower rooms is said by their places in the picture.
    below = {pair for pair in imported if pair[0] in {"cli", "operations"} or pair[1] == "model"}
    assert imported - drawn - below <= IN_WORDS


def test_a_figure_is_a_share_of_its_target() -> None:
    rows = (
        "| what | measured | beside | figure | target | held |\n"
        "| `a` | 1 ms | `b`: 2 ms | 0.50 s | ≤ 2.00 s | held |\n"
        "| speed | 1 s | c | 1.20 s | ≥ 0.60 s | held |\n"
        "| free | 1 s | c | 1.20 s |  |  |\n"
    )
    assert [(each.what, each.beside, each.share) for each in figures_of(rows)] == [
        ("a", "b", 0.25),
        ("speed", "c", 0.5),
    ]


def _imports_of(room: str) -> set[str]:
    place = SOURCE / room
    files = place.rglob("*.py") if place.is_dir() else [SOURCE / f"{room}.py"]
    return {name for path in files for name in _IMPORTED.findall(path.read_text("utf-8"))}
