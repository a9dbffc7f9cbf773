"""Only ``store`` knows where a profile's documents lie, so that they can lie elsewhere."""

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from ltictl.store.layout import ATTEMPT, DOCUMENT, PRIVATE_KEY
from tests.architecture.breaches import breaches
from tests.architecture.imports import room_of, sources

# 'sandbox' and 'interchange' know no profile at all; they may build paths of their own.
ABOVE: Final = [
    path for name, path in sources() if room_of(name) in {"cli", "operations", "__main__"}
]
FOLDERS: Final = {
    *("organizations", "invitations", "integrations", "keys", "secrets", "attempts", "removed")
}
OPENINGS: Final = tuple(f"{each}/" for each in FOLDERS)
SUFFIXES: Final = (DOCUMENT, ATTEMPT, PRIVATE_KEY, ".lock", ".lock.holder")
JOINING: Final = {"joinpath", "with_name", "glob", "rglob", "join", "Path"}


def texts(expression: ast.AST) -> Iterator[str]:
    """Every text within an expression."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def joined(tree: ast.AST) -> Iterator[str]:
    """Every text that becomes a part of a path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield from texts(node.right)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from (each for given in node.args for each in texts(given) if name in JOINING)


def filled(tree: ast.AST) -> Iterator[str]:
    """Every text of an f-string that leads into a folder of the profile."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (each for each in texts(node) if each.endswith(OPENINGS))


def places_known(source: str) -> list[str]:
    tree = ast.parse(source)
    found = [part for part in joined(tree) if part in FOLDERS or part.endswith(SUFFIXES)]
    found += filled(tree)
    roots = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "root"
    ]
    return found + roots


def test_nothing_above_store_knows_a_place_in_a_profile() -> None:
    assert breaches(ABOVE, places_known) == {}


@pytest.mark.parametrize(
    "source",
    [
        "context.profile.root",
        "folder / 'keys' / kid",
        "folder / f'{kid}.pem'",
        "folder.joinpath('attempts')",
        "folder.glob('*.toml')",
        "os.path.join(folder, '.lock')",
        "Path('secrets')",
        "f'keys/{kid}.toml is damaged'",
    ],
)
def test_a_place_is_noticed(source: str) -> None:
    assert places_known(source) != []
