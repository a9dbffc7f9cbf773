"""Docstrings and comments in plain words: the subject first, no riddles."""

import ast
import re
from pathlib import Path

import pytest

import ltictl

ROOT = Path(ltictl.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
OPENING = re.compile(r"(What|Whatever|Whoever|Where|Who)\b")
PHRASES = re.compile(
    r"\b(whoever|is told|are told|in the place of|nobody foresaw|worth to|stops to|what came of)\b",
    re.IGNORECASE,
)


def _docstrings(tree: ast.Module) -> list[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented)]
    return [text for node in nodes if (text := ast.get_docstring(node)) is not None]


def _openings(source: str) -> list[str]:
    return [text.splitlines()[0] for text in _docstrings(ast.parse(source)) if OPENING.match(text)]


def _phrases(source: str) -> list[str]:
    # Joined, since a phrase may be broken over two lines of a comment or a docstring.
    return PHRASES.findall(re.sub(r"\s*\n\s*(?:# )?", " ", source))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_docstring_opens_with_its_subject(module: Path) -> None:
    assert _openings(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_uses_a_phrase_that_hides_the_subject(module: Path) -> None:
    assert _phrases(module.read_text(encoding="utf-8")) == []


def test_the_two_rules_find_what_they_look_for() -> None:
    source = '"""Where it goes."""\n# It is\n# told later, by Whoever asks.\n'
    assert _openings(source) == ["Where it goes."]
    assert _phrases(source) == ["is told", "Whoever"]
