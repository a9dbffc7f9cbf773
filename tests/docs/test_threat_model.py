"""The threat model names a test for each of its rows, and each of these tests exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "threat-model.md").read_text("utf-8")
SECTIONS = (
    "A service that runs for years",
    "A profile that several use",
    "A profile in object storage",
    "Tokens of LMS administrators",
)
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", PAGE)))


def rows(section: str) -> list[str]:
    text = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("section", SECTIONS)
def test_each_row_names_its_test(section: str) -> None:
    assert len(rows(section)) >= 9
    assert [row for row in rows(section) if "`tests/" not in row.rpartition(" | ")[2]] == []


@pytest.mark.parametrize("name", NAMED)
def test_what_it_names_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    file = ROOT / path
    assert file.exists()

    tree = ast.parse(file.read_text("utf-8"))
    tests = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    assert not function or function in tests
    assert any(each.startswith("test_") for each in tests)
