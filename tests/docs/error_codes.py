"""Finds every stable error code in the source by reading it."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ltictl import errors

SOURCE: Final = Path(__file__).parents[2] / "ltictl"
_CODE: Final = re.compile(r"[a-z]+(_[a-z0-9]+)+|usage|interrupted")


def error_codes() -> dict[str, set[str]]:
    """Codes, each with the files that raise it; ``*`` stands for a part that is filled in."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    names = _error_classes(trees.values())
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        for code in [*_raised(tree, names), *_enumerated(tree), *_assigned(tree)]:
            found.setdefault(code, set()).add(str(path.relative_to(SOURCE)))
    return found


def _error_classes(trees: Iterable[ast.Module]) -> set[str]:
    """Names of all classes below ``LtictlError``, wherever they are defined."""
    names = {"LtictlError"}
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while True:
        more = {
            node.name
            for node in classes
            if any(isinstance(base, ast.Name) and base.id in names for base in node.bases)
        }
        if more <= names:
            return names - {"InvalidValueError"}  # its first argument is a field, not a code
        names |= more


def _raised(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """First arguments of calls that make an error, also through a variable or ``super()``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        made = isinstance(node.func, ast.Name) and (node.func.id in names or node.func.id == "kind")
        passed_on = isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"
        if made or passed_on:
            yield from _code(node.args[0])


def _code(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "*" for part in node.values]
        text = "".join(str(part) for part in parts)
    else:
        return
    if _CODE.fullmatch(text.replace("*", "x")):
        yield text


def _enumerated(tree: ast.Module) -> Iterator[str]:
    """Values of the enum whose members are codes (``ltictl.net.failures``)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "Failure":
            for line in node.body:
                if isinstance(line, ast.Assign):
                    yield from _code(line.value)


def _assigned(tree: ast.Module) -> Iterator[str]:
    """``error.code = "..."``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and target.attr == "code":
                yield from _code(node.value)


def raised_exits() -> dict[str, set[int]]:
    """Exit codes of each code that a class of ``ltictl.errors`` is called with, as a literal."""
    found: dict[str, set[int]] = {}
    named = vars(errors).values()
    classes = {
        each for each in named if isinstance(each, type) and issubclass(each, errors.LtictlError)
    }
    classes -= {errors.InvalidValueError}  # its first argument is a field, not a code
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind = getattr(errors, node.func.id, None)
                if kind in classes:
                    for code in _code(node.args[0]):
                        found.setdefault(code, set()).add(int(kind.exit_code))
    return found
