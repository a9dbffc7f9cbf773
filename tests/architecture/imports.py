"""Reads what each module of ltictl imports, wherever in the module the import stands."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ltictl

ROOT = Path(ltictl.__file__).parent


@dataclass(frozen=True)
class Import:
    """One imported module, as ``module`` names it."""

    importer: str
    module: str
    line: int
    for_types: bool

    @property
    def room(self) -> str:
        """Room of ltictl that is imported, empty for anything outside."""
        return room_of(self.module) if self.module.split(".")[0] == "ltictl" else ""

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.module}"


def room_of(module: str) -> str:
    """``store`` for ``ltictl.store.folder``, ``errors`` for ``ltictl.errors``."""
    return module.split(".")[1] if "." in module else "ltictl"


@functools.cache  # asked for at every import of every module
def sources() -> tuple[tuple[str, Path], ...]:
    """Dotted name and path of every module."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found.append((".".join(parts).removesuffix(".__init__"), path))
    return tuple(found)


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(name for name, _ in sources())


@functools.cache
def imports() -> tuple[Import, ...]:
    """Every import of every module; ``from ltictl import x`` counts as ``ltictl.x`` if a module."""
    return tuple(each for name, path in sources() for each in _of(name, path))


def _of(name: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"))
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for module in _modules(node):
            yield Import(name, module, getattr(node, "lineno", 0), id(node) in typed)


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    if node.level:
        raise ValueError(f"a relative import in line {node.lineno}")
    module = node.module or ""
    inner = [f"{module}.{alias.name}" for alias in node.names]
    return [each for each in inner if each in _names()] or [module]
