"""A function that acts has a verb as its name; a participle only states a fact."""

import ast
import re
from collections.abc import Iterator
from typing import Final, TypeGuard

import pytest

from tests.architecture.imports import sources
from tests.architecture.test_tests import FILES, TESTS

Function = ast.FunctionDef | ast.AsyncFunctionDef

IRREGULAR: Final = re.compile(
    r"begun|bound|brought|built|caught|chosen|done|drawn|driven|fed|forgotten|found|given|gone|held|"
    r"hidden|kept|known|laid|led|left|lost|made|paid|said|seen|sent|shown|spent|taken|thrown|told|"
    r"torn|won|written"
)
VERBS: Final = {"feed", "need", "seed", "shed", "speed"}
# These are no calls where they are used: a block, a test's argument, a property, a strategy.
NO_CALL: Final = ("contextmanager", "fixture", "property", "composite")
# What fills something that the function made itself changes nothing outside it.
FILLING: Final = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "remove"),
    *("reverse", "setdefault", "sort", "update"),
}


def is_participle(name: str) -> bool:
    word = name.lstrip("_").partition("_")[0]
    regular = word.endswith("ed") and word not in VERBS
    return regular or IRREGULAR.fullmatch(word) is not None


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function) and is_participle(node.name):
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            if not any(each in decorators for each in NO_CALL):
                yield node


def inside(function: Function) -> Iterator[ast.AST]:
    """All that the function itself does; not the functions within it."""
    waiting = list(function.body)
    while waiting:
        node: ast.AST = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)  # type: ignore[arg-type]


def root(expression: ast.expr) -> str:
    while isinstance(expression, ast.Attribute | ast.Subscript | ast.Call):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


def effects(function: Function) -> list[str]:
    """The statements that do more than return a value."""
    nodes = list(inside(function))
    own = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    outer = {
        name for node in nodes if isinstance(node, ast.Nonlocal | ast.Global) for name in node.names
    }
    found = [f"sets {name}" for name in sorted(own & outer)]
    if function.returns is not None and ast.unparse(function.returns) == "None":
        found.append("returns nothing")
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
            node.ctx, ast.Store | ast.Del
        ):
            found += [] if root(node) in own else [f"changes {ast.unparse(node)}"]
        elif isinstance(node, ast.Expr):
            found += [f"calls {ast.unparse(node.value)}"] if acts(node.value, own) else []
    return found


def is_changed(node: ast.AST) -> TypeGuard[ast.Attribute | ast.Subscript]:
    """Whether the statement sets or deletes a part of something."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return False
    return isinstance(node.ctx, ast.Store | ast.Del)


def acts(expression: ast.expr, own: set[str]) -> bool:
    """Whether a statement is a call for its effect, on anything but an object made here."""
    call = expression.value if isinstance(expression, ast.Await) else expression
    if not isinstance(call, ast.Call):
        return False
    filled = isinstance(call.func, ast.Attribute) and call.func.attr in FILLING
    return not (filled and root(call.func) in own)


def test_a_function_that_acts_is_called_by_a_verb() -> None:
    acting = {
        (path.relative_to(TESTS.parent).as_posix(), each.lineno, each.name): done
        for path in (*(path for _, path in sources()), *FILES)
        for each in functions(ast.parse(path.read_text("utf-8")))
        if (done := effects(each))
    }

    assert acting == {}


@pytest.mark.parametrize(
    "source",
    [
        "def spent(x): x.spent_by = 1",
        "def _written(x) -> None: return x()",
        "def freed(self):\n  self.ports.pop()\n  return 1",
        "async def sent(x):\n  await x.post()\n  return x",
        "def kept(x):\n  del x.all[0]\n  return x",
        "def noted(x):\n  nonlocal seen\n  seen = x\n  return x",
    ],
)
def test_an_effect_is_noticed(source: str) -> None:
    assert all(effects(each) for each in functions(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "def sorted_names(x):\n  found = []\n  found.append(x)\n  return found",
        "def added(x):\n  '''Text.'''\n  return x + 1",
        "def need(x) -> None: x()",
        "@contextmanager\ndef locked(x):\n  x.acquire()\n  yield",
    ],
)
def test_a_fact_is_no_effect(source: str) -> None:
    assert [each for each in functions(ast.parse(source)) if effects(each)] == []
