"""The page in every language, light, on a phone and at 200 %, to be looked at; not committed."""

from pathlib import Path
from typing import TYPE_CHECKING

from ltictl.callback.languages import LANGUAGES
from tests.support.browser import browser, page
from tests.support.page_looks import LOOKS, pages_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def draw_languages(folder: Path) -> list[Path]:
    """Draw the confirmation, the result and an error in each language and look."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        return [
            path
            for tag in LANGUAGES
            for name, html in pages_in(tag).items()
            for look in LOOKS
            for path in [_draw(chromium, html, look, folder / f"{tag}-{name}-{look}.png")]
        ]


def _draw(chromium: "Browser", html: str, look: str, path: Path) -> Path:
    with page(chromium, color_scheme="light", **LOOKS[look]) as tab:
        answer = {"body": html, "content_type": "text/html; charset=utf-8"}
        tab.route("**/*", lambda route: route.fulfill(**answer))
        tab.goto("http://tool.invalid/page")
        tab.screenshot(path=path, animations="disabled")
    return path
