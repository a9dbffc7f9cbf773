"""Modules stay small, have proper names, and each says its purpose."""

import ast
from pathlib import Path

import pytest

from tests.architecture.imports import sources

MODULES = [pytest.param(path, id=name) for name, path in sources()]
MAX_LINES = 350
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base"}


@pytest.mark.parametrize("path", MODULES)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", MODULES)
def test_a_module_is_named_after_what_it_does(path: Path) -> None:
    assert path.stem not in SAYS_NOTHING
    assert path.parent.name not in SAYS_NOTHING


@pytest.mark.parametrize("path", MODULES)
def test_a_module_opens_with_what_it_is_for(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""

    assert text.rstrip("`").endswith(".")
