"""The documentation as the tool carries it: a page for each topic, a row for each error."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import ltictl

# Names that people look for, beside those of the pages themselves.
_ALIASES: Final = {
    "settings": "reference/profile",
    "json": "reference/json",
    "errors": "reference/errors",
    "exit-codes": "reference/exit-codes",
    "environment": "reference/environment",
    "github-actions": "how-to/ci-provisioning",
    "wanted-state": "reference/apply",
}
# For contributors, or no text: not a topic.
_LEFT_OUT: Final = frozenset({"index", "commands", "architecture", "security-testing", "style"})
_LINK: Final = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_COMMENT: Final = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_ERRORS: Final = "reference/errors"


def folder() -> Path:
    """The folder of the pages: inside the package, or beside it in a checkout."""
    inside = Path(ltictl.__file__).with_name("documentation")
    return inside if inside.is_dir() else Path(ltictl.__file__).parents[1] / "docs"


@cache
def topics() -> dict[str, Path]:
    """All topics by name; a how-to has its name before an explanation or a reference."""
    found: dict[str, Path] = {}
    for part in ("how-to", "tutorial", "explanation", "reference"):
        for path in sorted((folder() / part).rglob("*.md")):
            if path.stem not in _LEFT_OUT:
                found.setdefault(path.stem, path)
    pages = {name: folder() / f"{place}.md" for name, place in _ALIASES.items()}
    pages["getting-started"] = next(iter(sorted((folder() / "tutorial").glob("*.md"))))
    return found | {name: path for name, path in pages.items() if path.is_file()}


def title_of(path: Path) -> str:
    """The heading of a page."""
    return path.read_text("utf-8").partition("\n")[0].lstrip("# ")


def text_of(path: Path) -> str:
    """A page as Markdown; its links to other pages name the command that shows them."""
    names = {each.resolve(): name for name, each in reversed(topics().items())}

    def told(link: re.Match[str]) -> str:
        picture, words, target = link.groups()
        page = (path.parent / target.partition("#")[0]).resolve()
        if picture:
            return ""
        if page in names and page != path.resolve():
            return f"{words} (`ltictl help {names[page]}`)"
        return words if not target.startswith("http") else f"{words} ({target})"

    return _LINK.sub(told, _COMMENT.sub("", path.read_text("utf-8")))


def error_named(code: str) -> dict[str, str]:
    """The row of an error: ``code``, ``exit``, ``what``, ``what to do``; empty for none."""
    for line in text_of(folder() / f"{_ERRORS}.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0] == f"`{code}`":
            return dict(zip(("code", "exit", "what", "what to do"), cells, strict=False))
    return {}
