"""ltictl's own command line accepts every command that a text of ltictl offers.

The texts are read from the source: where a value stands in a text, a word stands here.
"""

import ast
import functools
import itertools
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ltictl.cli import app, command
from ltictl.cli.catalogue import COMMANDS, GROUPS
from ltictl.cli.render.hints import repeat_profile

ROOT = Path(__file__).parents[2] / "ltictl"
FIRST = "|".join(sorted({*GROUPS, *(name.partition(" ")[0] for name in COMMANDS)}))
OFFERED = re.compile(rf"(?P<quote>['`]?)\bltictl (?P<command>(?:{FIRST})(?![\w-])[^\n]*)")
PROSE = re.compile(r"[.,;:](?:\s|$)|\)|\s\(|$")  # ends a command that no quotation marks end
VALUE = "\0"  # what the run knows and the source does not
Parse = Callable[[str], int]


def text_of(node: ast.AST) -> str:
    """The text of a literal, empty for other nodes."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(each) or VALUE for each in node.values)
    constant = node.value if isinstance(node, ast.Constant) else None
    return constant if isinstance(constant, str) else ""


def texts(tree: ast.AST) -> Iterator[str]:
    """Literals but docstrings, and commands that are put together by ``hint``."""
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            passed.add(node.value)
        if isinstance(node, ast.JoinedStr):
            passed.update(node.values)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "hint":
            yield "ltictl " + " ".join(text_of(each) or VALUE for each in node.args)
        elif node not in passed:
            yield text_of(node)


def offered(text: str) -> Iterator[str]:
    for match in OFFERED.finditer(text):
        command = match["command"]
        end = command.find(match["quote"]) if match["quote"] else -1
        if end < 0:
            prose = PROSE.search(command)
            assert prose is not None
            end = prose.start()
        first, *others = command[:end].split(" | ")
        yield first
        yield from (f"{first[: first.find(' --')]} {each}" for each in others)


def offered_by_modules() -> list[tuple[str, str]]:
    """List each module with a command that one of its texts offers."""
    return sorted(
        {
            (file.relative_to(ROOT).as_posix(), command.strip())
            for file in ROOT.rglob("*.py")
            for text in texts(ast.parse(file.read_text("utf-8")))
            for command in offered(text)
        }
    )


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Parse:
    """Exit code of a command line whose command does nothing."""
    as_command = command.as_command

    def idle(*args: Any) -> Callable[..., int]:
        command = as_command(*args)

        @functools.wraps(command)
        def nothing(*_: object, **__: object) -> int:
            return 0

        return nothing

    monkeypatch.setattr("ltictl.cli.app.as_command", idle)

    def parse(line: str) -> int:
        code = app.main(shlex.split(line)[1:])
        capsys.readouterr()
        return code

    return parse


def readings(command: str) -> Iterator[str]:
    """The command with a word for each value, or with nothing for those that may be empty."""
    parts = command.split(VALUE)
    for words in itertools.product(("1", ""), repeat=len(parts) - 1):
        yield "".join(itertools.chain(*zip(parts, (*words, ""), strict=True)))


def is_accepted(parse: Parse, command: str) -> bool:
    complete = repeat_profile("prod")
    lines = [complete(f"ltictl {each}") for each in readings(command)]
    on_the_profile = [line for line in lines if line.startswith("ltictl --profile prod ")]
    return 0 in map(parse, on_the_profile)


def test_the_command_line_accepts_each_with_its_profile(parse: Parse) -> None:
    found = offered_by_modules()
    alone = {*COMMANDS, *GROUPS}  # a name inside of a sentence
    refused = [
        (file, command)
        for file, command in found
        if command not in alone and not is_accepted(parse, command)
    ]

    assert len(found) > 100
    assert refused == []


def test_a_wrong_one_would_be_noticed(parse: Parse) -> None:
    assert parse("ltictl --profile prod recover 1 --adopt") == 0
    for wrong in ("recover 1 --adpot", "rotate-key", "org ad x", "keys list --org", "show"):
        assert parse(f"ltictl --profile prod {wrong}") != 0
