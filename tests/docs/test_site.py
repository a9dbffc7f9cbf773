"""The site is whole: navigation, links and numbered lists work, and it loads nothing foreign."""

import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from .conftest import ROOT

_LOADED = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'> ]+)"
)
_LOADED_BY_STYLE = re.compile(r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"') ]+)")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
MINIMUM_TEXT = 15
_NUMBERED = re.compile(r"^\s*\d+\. ", re.MULTILINE)
_FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)


class Page(HTMLParser):
    """The parts of a page that the tests look at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.numbered = 0
        self._lists: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.names.add(found.get("id") or "")
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if tag in {"ol", "ul"}:
            self._lists.append(tag)
        self.numbered += tag == "li" and self._lists[-1:] == ["ol"]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ol", "ul"}:
            self._lists.pop()


def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}


def paths_of(navigation: Any) -> Iterator[str]:
    """Every page that a navigation names."""
    if isinstance(navigation, str):
        yield navigation
    for each in navigation if isinstance(navigation, list) else []:
        yield from (path for below in each.values() for path in paths_of(below))


def test_site_loads_nothing_from_elsewhere(site: Path) -> None:
    found = list(site.rglob("*.html"))
    assert len(found) > 10
    for page in found:
        assert not _LOADED.findall(page.read_text("utf-8")), page
    for style in [*site.rglob("*.css"), *site.rglob("*.svg")]:
        assert not _LOADED_BY_STYLE.findall(style.read_text("utf-8")), style


def test_every_page_stands_in_the_navigation() -> None:
    named = set(paths_of(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]))
    there = {path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md")}

    assert named == there


def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    every = pages(site)
    lost = []
    for path, page in every.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.suffix != ".html":
                lost += [] if target.exists() else [f"{path}: {link}"]
            elif target not in every or unquote(parts.fragment) not in every[target].names | {""}:
                lost.append(f"{path}: {link}")

    assert lost == []


def test_numbered_lists_keep_their_numbers(site: Path) -> None:
    for path, page in pages(site).items():
        source = ROOT / "docs" / path.relative_to(site).with_suffix(".md")
        written = len(_NUMBERED.findall(_FENCED.sub("", source.read_text("utf-8"))))
        assert page.numbered == written, source


def test_links_of_the_readme_lead_somewhere() -> None:
    links = _LINK.findall((ROOT / "README.md").read_text("utf-8"))
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


@pytest.mark.parametrize("name", ["docs/index.md", "README.md"])
def test_the_first_fifteen_lines_answer_what_a_newcomer_asks(name: str) -> None:
    first = (ROOT / name).read_text("utf-8").splitlines()[:15]
    answers = (
        "is a command-line tool",
        "**For whom**",
        "**What nothing else does**",
        "`make demo`",
    )

    assert [each for each in answers if not any(each in line for line in first)] == []


def test_every_picture_has_a_text_and_is_shown_somewhere() -> None:
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    shown = [each for page in pages for each in _PICTURE.findall(page.read_text("utf-8"))]
    names = {Path(target).name for _, target in shown}

    assert [target for words, target in shown if len(words) < MINIMUM_TEXT] == []
    assert {path.name for path in (ROOT / "docs" / "pictures").iterdir()} == names


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.stat().st_size < 300_000, picture
