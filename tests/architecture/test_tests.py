"""Holds how the tests are arranged: what they share, what they mirror, what they may measure."""

import ast
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
FILES: Final = [
    path
    for path in sorted(TESTS.rglob("*.py"))
    if "node_modules" not in path.parts and "recordings" not in path.parts
]


def package_of(path: Path) -> str:
    """The folder below ``tests``, empty for what stands at the top."""
    parts = path.relative_to(TESTS).parts
    return parts[0] if len(parts) > 1 else ""


def foreign_packages(path: Path) -> set[str]:
    """The other packages of tests that a test module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            found.add(str(node.module).split(".")[1])
    return found - {package_of(path), "support"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_a_package_of_tests_imports_no_other(path: Path) -> None:
    assert foreign_packages(path) == set(), "move what both need to tests/support"
