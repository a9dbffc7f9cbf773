"""No module outside ``platforms`` asks which LMS it talks to; each family's record answers."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from ltictl.platforms.table import all_families, generic
from tests.architecture.breaches import breaches
from tests.architecture.imports import room_of, sources

# 'platforms' holds the records and 'sandbox' plays them; both may name whom they mean.
OTHERS: Final = [path for name, path in sources() if room_of(name) not in {"platforms", "sandbox"}]
FAMILIES: Final = [each for each in all_families() if each is not generic()]
NAMES: Final = {name for family in FAMILIES for name in (family.slug, *family.codes)}
# Facts hide in addresses and sentences too: a key of one LMS, its ports, the clicks that lead
# somewhere in it. Makers' names count, since addresses hold them.
WORDS: Final = {*NAMES, *(family.title for family in FAMILIES), "instructure", "anthology", "d2l"}
NAMED: Final = re.compile(
    rf"(?<![a-z0-9])({'|'.join(map(re.escape, WORDS))})(?![a-z0-9])", re.IGNORECASE
)
# These show an example and decide nothing: the demo's own integration, the comments of a new
# profile.toml.
EXAMPLES: Final = {"demo.py", "settings.py"}


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
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value in NAMES
    }


def words(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text of a module but docstrings and the help of options, which may give examples."""
    helped = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "help"
        for each in ast.walk(node.value)
    }
    explaining = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in helped | explaining:
            yield node


def families_named(source: str) -> list[str]:
    return [
        each.value
        for each in words(ast.parse(source))
        if isinstance(each.value, str) and NAMED.search(each.value)
    ]


def test_nobody_asks_which_lms_it_is() -> None:
    assert breaches(OTHERS, families_asked_for) == {}


def test_nobody_tells_what_one_lms_does() -> None:
    telling = [path for path in OTHERS if path.name not in EXAMPLES]

    assert breaches(telling, families_named) == {}


@pytest.mark.parametrize(
    "source",
    [
        'KEY = "https://canvas.instructure.com/lti/account_name"',
        'f"port {port}: Moodle fetches key sets from port 443 only"',
        'TEXTS = {"fix": "In Sakai: Administration Workspace"}',
        'host = "sso.test.instructure.com"',
        'say("as Anthology does of its developer portal")',
        'def f(x="openedx"): pass',
    ],
)
def test_a_fact_is_noticed(source: str) -> None:
    assert len(families_named(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""As Moodle does it."""',
        'def f():\n  """Moodle."""',
        'Option("--preset", help="Such as canvas.")',
        "# Moodle does it",
        '"ltictl_canvassing"',
        '"the LMS"',
    ],
)
def test_an_explanation_is_no_fact(source: str) -> None:
    assert families_named(source) == []


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
