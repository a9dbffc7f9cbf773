"""The shell examples of the documentation do what the documentation says."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.cli.catalogue import COMMANDS, GROUPS
from tests.docs.examples import Reader, blocks, commands_in, shows
from tests.support.cli import Home
from tests.support.help_texts import options_of
from tests.support.parts import require

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/**/*.md")])
WITH_EXAMPLES = [page for page in PAGES if "```console" in page.read_text("utf-8")]


@pytest.fixture
def reader(home: Home, tmp_path: Path) -> Iterator[Reader]:
    """Somebody at an empty folder."""
    somebody = Reader(home, tmp_path / "folder")
    yield somebody
    somebody.close()


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_examples_run(page: Path, reader: Reader) -> None:
    text = page.read_text("utf-8")
    require("curl", "curl " not in text or shutil.which("curl") is not None)
    for block in blocks(text):
        reader.assert_as_shown(block)


@pytest.mark.parametrize(
    ("page", "language", "tool"),
    [
        ("pylti1p3", "python", "python_peers/pylti1p3_tool.py"),
        ("django-lti", "python", "python_peers/django_lti_tool.py"),
        ("ltijs", "js", "ltijs_tool/tool.cjs"),
    ],
)
def test_the_code_of_a_tool_is_that_of_a_tool_that_is_launched(
    page: str, language: str, tool: str
) -> None:
    text = (DOCS / "how-to" / "runtimes" / f"{page}.md").read_text("utf-8")
    source = (ROOT / "tests" / "support" / tool).read_text("utf-8")
    run = {line.partition("  # ")[0].rstrip() for line in source.splitlines()}

    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)

    assert blocks
    for line in "".join(blocks).splitlines():
        assert line in run, line


def test_every_tutorial_has_examples_that_run() -> None:
    assert DOCS / "tutorial" / "moodle.md" in WITH_EXAMPLES


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_every_command_line_exists(page: Path) -> None:
    """Also of examples that cannot be run: commands and options are those of the program."""
    for words in commands_in(page.read_text("utf-8")):
        name = _command(words[1:])
        if name in GROUPS or name.isupper() or words[1].startswith("--"):
            continue
        assert name in COMMANDS, words
        wrong = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert wrong <= options_of(name), words


def _command(words: list[str]) -> str:
    given = iter(words)
    plain = []
    for word in given:
        if word == "--profile":
            next(given)
        elif not word.startswith("--"):
            plain.append(word)
    pair = " ".join(plain[:2])
    return pair if pair in COMMANDS else plain[0] if plain else ""


def test_a_line_that_is_not_shown_is_noticed() -> None:
    assert shows("one\ttwo  three\n", "one ... three")
    assert not shows("one two\n", "one ... three")
