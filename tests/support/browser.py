"""The machine's own Chromium, driven through Playwright's synchronous API.

While a browser is open its thread has a running event loop: no ``asyncio.run`` there.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.support.parts import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A proxy of the machine must not come between the tests and their own servers.
    "--no-proxy-server",
)


def executable() -> str | None:
    """The path of Chromium."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextlib.contextmanager
def browser(flags: Sequence[str] = ()) -> Iterator["Browser"]:
    """A headless Chromium with further ``flags``; skips the test where there is none."""
    path = executable()
    require("Chromium", path is not None, f"looked for {', '.join(NAMES)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield chromium
        finally:
            chromium.close()


@contextlib.contextmanager
def page(chromium: "Browser", **options: Any) -> Iterator["Page"]:
    """A page in a context (cookies, storage) of its own; ``options`` are those of the context."""
    context = chromium.new_context(**options)
    context.set_default_timeout(30_000)
    try:
        yield context.new_page()
    finally:
        context.close()
