"""A test's verdict stands in the test, or in a helper whose name begins with ``assert_``.

So a reader of a failed test finds at once where it failed, and knows of each helper whether it
judges. A helper that cannot do its work raises an error of another kind; a fixture may assert what
it sets up, since pytest tells that apart from a failed test.
"""

import ast
import functools
from collections.abc import Iterator
from typing import Final

import pytest

from tests.architecture.test_tests import FILES, TESTS

Function = ast.FunctionDef | ast.AsyncFunctionDef
JUDGING: Final = ("test_", "assert_")
JUDGES: Final = {"fail", "raises", "warns"}  # of pytest
# It fails a test on purpose, where every part is required.
REQUIRING: Final = "support/parts.py"
# What a fuzzer runs is no test of pytest: its assertions are the crashes that it looks for.
FUZZED: Final = "fuzz/"


def called(node: ast.AST) -> str:
    """The last part of what a call calls, empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return ast.unparse(node.func).rpartition(".")[2]


def is_verdict(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not narrows(node.test)
    return called(node) == "fail"


def narrows(test: ast.expr) -> bool:
    """Whether an assertion tells the type checker something rather than judges."""
    if isinstance(test, ast.Call):
        return called(test) in {"isinstance", "callable"}
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.IsNot) and ast.unparse(test.comparators[0]) == "None"
    return isinstance(test, ast.Name | ast.Attribute)


def judges(test: Function) -> bool:
    return any(
        isinstance(node, ast.Assert) or called(node) in JUDGES or called(node).startswith("assert_")
        for node in ast.walk(test)
    )


def helpers(tree: ast.AST) -> Iterator[Function]:
    """Functions that are not part of a test or of a helper that judges."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            if node.name.startswith(JUDGING):
                continue
            yield node
        yield from helpers(node)


def verdicts(helper: Function) -> list[int]:
    """The lines in which a helper judges."""
    nodes = list(inside(helper))
    if any("fixture" in ast.unparse(each) for each in helper.decorator_list):
        handed = [node.lineno for node in nodes if isinstance(node, ast.Yield)]
        nodes = [node for node in nodes if handed and getattr(node, "lineno", 0) > min(handed)]
    return sorted(getattr(node, "lineno", 0) for node in nodes if is_verdict(node))


def inside(function: Function) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function):
            waiting += ast.iter_child_nodes(node)


def all_tests(tree: ast.AST) -> list[Function]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, Function) and node.name.startswith("test_")
    ]


@functools.cache  # not read by the workers that only collect this module
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(TESTS).as_posix(): ast.parse(path.read_text("utf-8")) for path in FILES
    }


def test_every_test_has_a_verdict() -> None:
    silent = [
        (path, each.name)
        for path, tree in trees().items()
        for each in all_tests(tree)
        if not judges(each)
    ]

    assert silent == []


def test_only_tests_and_assertions_have_a_verdict() -> None:
    judging = {
        (path, each.name): lines
        for path, tree in trees().items()
        for each in helpers(tree)
        if path != REQUIRING and not path.startswith(FUZZED) and (lines := verdicts(each))
    }

    assert judging == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def run(x):\n  assert x.code == 0", [2]),
        ("def assert_done(x):\n  assert x.code == 0", []),
        ("def run(x):\n  assert x is not None\n  assert isinstance(x, str)\n  assert x", []),
        ("def run(x):\n  pytest.fail('no')", [2]),
        ("@pytest.fixture\ndef home(x):\n  assert x.code == 0\n  yield x\n  assert x.gone()", [5]),
        ("def test_x():\n  def run(x):\n    assert x == 1", []),
        ("class Desk:\n  def run(self):\n    assert self.code == 0", [3]),
    ],
)
def test_the_verdict_of_a_helper_is_noticed(source: str, lines: list[int]) -> None:
    assert [line for each in helpers(ast.parse(source)) for line in verdicts(each)] == lines


@pytest.mark.parametrize(
    ("source", "judging"),
    [
        ("def test_x(): run()", False),
        ("def test_x(): assert run() == 1", True),
        ("def test_x():\n  with pytest.raises(ValueError): run()", True),
        ("def test_x(): desk.assert_done()", True),
    ],
)
def test_a_test_without_a_verdict_is_noticed(source: str, judging: bool) -> None:
    assert [judges(each) for each in all_tests(ast.parse(source))] == [judging]
