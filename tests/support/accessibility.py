"""Checks the accessibility of a page and its frames with axe-core."""

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.parts import require

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

_AXE = Path(__file__).with_name("axe") / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: "Page | Frame", without: str = "") -> list[str]:
    """The violations: rule, help text and the elements; skips the test where axe is missing.

    Args:
        page: loaded.
        without: a rule that does not count.
    """
    require("the npm package axe-core", _AXE.is_file(), "make peers")
    page.evaluate(_AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
    )
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']]}"
        for each in found
        if each["id"] != without
    ]
