"""Modules stay small, have proper names, and each says its purpose."""

import ast

from tests.architecture.breaches import breaches
from tests.architecture.imports import sources

MODULES = [path for _, path in sources()]
MAX_LINES = 350
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base"}


def lines_beyond(source: str) -> list[str]:
    return source.splitlines()[MAX_LINES:]


def openings_without_an_end(source: str) -> list[str]:
    text = ast.get_docstring(ast.parse(source)) or ""
    return [] if text.rstrip("`").endswith(".") else [text or "no docstring"]


def test_a_module_is_short_enough_to_read() -> None:
    assert breaches(MODULES, lines_beyond) == {}


def test_a_module_is_named_after_what_it_does() -> None:
    assert [path for path in MODULES if {path.stem, path.parent.name} & SAYS_NOTHING] == []


def test_a_module_opens_with_what_it_is_for() -> None:
    assert breaches(MODULES, openings_without_an_end) == {}


def test_the_rules_find_their_modules() -> None:
    assert lines_beyond("pass\n" * MAX_LINES) == []
    assert lines_beyond("pass\n" * MAX_LINES + "raise") == ["raise"]
    assert openings_without_an_end('"""It reads."""') == []
    assert openings_without_an_end("pass") == ["no docstring"]
    assert openings_without_an_end('"""It reads"""') == ["It reads"]
