"""The documentation inside ltictl: a page for each topic and a table row for each error."""

import re
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Final

import ltictl

# Further names under which people look for a page.
_ALIASES: Final = {
    "settings": "reference/profile",
    "json": "reference/json",
    "errors": "reference/errors",
    "exit-codes": "reference/exit-codes",
    "environment": "reference/environment",
    "github-actions": "how-to/ci-provisioning",
    "wanted-state": "reference/apply",
}
# These folders are no topics: they are for contributors, or hold no text.
_LEFT_OUT: Final = frozenset({"index", "commands", "architecture", "security-testing", "style"})
# Brackets may stand inside of code in the words of a link.
_LINK: Final = re.compile(r"(!?)\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)")
# Comments, and the tags that fold a table on the site.
_COMMENT: Final = re.compile(
    r"<!--.*?-->\n*|</?details[^>]*>\n*|<summary>.*?</summary>\n*", re.DOTALL
)
# A tab on the site: its name, and its indented content.
_TAB: Final = re.compile(r'^=== "([^"]+)"\n((?:\n|    .*\n)*)', re.MULTILINE)
_ERRORS: Final = "reference/errors"


def folder() -> Path:
    """Return the folder of the pages: inside the package, or beside it in a checkout."""
    inside = Path(ltictl.__file__).with_name("documentation")
    return inside if inside.is_dir() else Path(ltictl.__file__).parents[1] / "docs"


@cache
def topics() -> dict[str, Path]:
    """Return all topics by name; of pages with one name, a how-to counts first."""
    found: dict[str, Path] = {}
    for part in ("how-to", "tutorial", "explanation", "reference"):
        for path in sorted((folder() / part).rglob("*.md")):
            if path.stem not in _LEFT_OUT:
                found.setdefault(path.stem, path)
    pages = {name: folder() / f"{place}.md" for name, place in _ALIASES.items()}
    pages["getting-started"] = next(iter(sorted((folder() / "tutorial").glob("*.md"))))
    return found | {name: path for name, path in pages.items() if path.is_file()}


def topic_address(path: Path) -> str:
    """Return a page's address on the site of this version; empty before the first release."""
    if not ltictl.__docs_url__:
        return ""
    place = path.relative_to(folder()).with_suffix(".html").as_posix()
    return f"{ltictl.__docs_url__}/{ltictl.__version__}/{place}"


def topic_title(path: Path) -> str:
    """Return the heading of a page."""
    return path.read_text("utf-8").partition("\n")[0].lstrip("# ")


def topic_text(path: Path) -> str:
    """Return a page as Markdown, with links to other pages replaced by ``help`` commands."""
    names = {each.resolve(): name for name, each in reversed(topics().items())}

    def words_of(link: re.Match[str]) -> str:
        picture, words, target = link.groups()
        page = (path.parent / target.partition("#")[0]).resolve()
        if picture:
            return ""
        if page in names and page != path.resolve():
            return f"{words} (`ltictl help {names[page]}`)"
        return words if not target.startswith("http") else f"{words} ({target})"

    plain = _COMMENT.sub("", path.read_text("utf-8"))
    return _LINK.sub(words_of, _TAB.sub(_without_tab, plain))


def _without_tab(tab: re.Match[str]) -> str:
    """Return a tab's content below its name, as a terminal has no tabs."""
    return f"**{tab[1]}**\n{dedent(tab[2])}"


def error_named(code: str) -> dict[str, str]:
    """Return an error's row: ``code``, ``exit``, ``what``, ``what to do``; empty without one."""
    for line in topic_text(folder() / f"{_ERRORS}.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0] == f"`{code}`":
            return dict(zip(("code", "exit", "what", "what to do"), cells, strict=False))
    return {}
