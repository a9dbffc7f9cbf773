"""What an LMS does differently stands in its record: nothing else asks which LMS it is."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ltictl.platforms.others import GENERIC
from ltictl.platforms.table import FAMILIES
from tests.architecture.imports import room_of, sources

# 'platforms' holds the records and 'sandbox' plays them; both may name whom they mean.
OTHERS: Final = [
    pytest.param(path, id=name)
    for name, path in sources()
    if room_of(name) not in {"platforms", "sandbox"}
]
NAMES: Final = {
    name for family in (*FAMILIES, GENERIC) for name in (family.slug, *family.codes)
} - {GENERIC.slug}


def asked(tree: ast.AST) -> Iterator[ast.expr]:
    """Everything that is compared, looked up or matched."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, ast.Dict):
            yield from (key for key in node.keys if key is not None)
        elif isinstance(node, ast.Subscript):
            yield node.slice
        elif isinstance(node, ast.MatchValue):
            yield node.value
        elif isinstance(node, ast.Call) and called(node) in {"startswith", "endswith", "get"}:
            yield from node.args


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def families_asked_for(source: str) -> set[str]:
    return {
        each.value
        for expression in asked(ast.parse(source))
        for each in ast.walk(expression)
        if isinstance(each, ast.Constant) and each.value in NAMES
    }


@pytest.mark.parametrize("path", OTHERS)
def test_nobody_asks_which_lms_it_is(path: Path) -> None:
    assert families_asked_for(path.read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "if family.slug == 'moodle': pass",
        "if code in ('canvas', 'other'): pass",
        "x = {'brightspace': 1}",
        "x = table['sakai']",
        "match slug:\n  case 'ilias': pass",
        "if code.startswith('BlackboardLearn'): pass",
    ],
)
def test_a_question_is_noticed(source: str) -> None:
    assert len(families_asked_for(source)) == 1
