"""The reference is complete, and its generated pages are up to date."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from ltictl.cli.catalogue import COMMANDS
from ltictl.errors import ExitCode
from tests.docs.commands_page import PATH, commands_page
from tests.docs.error_codes import SOURCE, error_codes, raised_exits
from tests.docs.lms_matrix import PATH as MATRIX_PATH
from tests.docs.lms_matrix import lms_matrix_page
from tests.support.help_texts import help_of, options_of

REFERENCE = PATH.parent


def test_page_of_commands_is_what_the_program_says() -> None:
    now = PATH.read_text("utf-8")
    assert now == commands_page(), "run: python -m tests.docs"


def test_the_matrix_of_lmss_is_the_one_that_is_played() -> None:
    assert MATRIX_PATH.read_text("utf-8") == lms_matrix_page(), "run: python -m tests.docs"


@pytest.mark.parametrize("command", list(COMMANDS))
def test_command_and_its_options_are_documented(command: str) -> None:
    page = PATH.read_text("utf-8")
    section = page.partition(f"## `ltictl {command}`")[2].partition("\n## ")[0]
    common = page.partition("## Options of every command")[2].partition("\n## ")[0]
    assert section
    for option in options_of(command) - {"--help"}:
        assert f"`{option}" in section + common, option


@pytest.mark.parametrize("command", list(COMMANDS))
def test_help_has_an_example(command: str) -> None:
    assert f"Example: ltictl {command}" in " ".join(help_of(command).split())


def test_every_error_code_is_documented() -> None:
    documented = _documented_codes()
    missing = {
        code: files
        for code, files in error_codes().items()
        if not any(fnmatchcase(known, code) for known in documented)
    }
    assert not missing, f"add rows to docs/reference/errors.md: {missing}"


def test_no_error_is_documented_that_does_not_exist() -> None:
    existing = error_codes()
    unknown = {
        known
        for known in _documented_codes()
        if not any(fnmatchcase(known, code) for code in existing)
    }
    assert not unknown


def test_an_error_code_ends_with_the_exit_code_that_is_documented() -> None:
    page = (REFERENCE / "errors.md").read_text("utf-8")
    documented: dict[str, set[int]] = {}
    for code, exits in re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", page, re.MULTILINE):
        documented.setdefault(code, set()).update(map(int, exits.split(",")))
    wrong = {
        code: (exits, documented.get(code))
        for code, exits in raised_exits().items()
        if "*" not in code and not exits <= documented.get(code, set())
    }
    assert not wrong


def test_every_exit_code_is_documented() -> None:
    page = (REFERENCE / "exit-codes.md").read_text("utf-8")
    documented = {int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert documented == {int(code) for code in ExitCode}


@pytest.mark.parametrize(
    ("page", "pattern", "kept"),
    [
        ("environment.md", r"\"(LTICTL_[A-Z_]+)\"", bool),
        ("json.md", r"Event\(\s*\"([a-z]+)\"", lambda name: name != "tick"),
    ],
)
def test_names_in_the_source_are_documented(
    page: str, pattern: str, kept: Callable[[str], bool]
) -> None:
    text = (REFERENCE / page).read_text("utf-8")
    for path in SOURCE.rglob("*.py"):
        for name in re.findall(pattern, path.read_text("utf-8")):
            assert not kept(name) or f"`{name}`" in text, f"{name} in {path}"


def test_every_setting_is_documented() -> None:
    from ltictl.store.settings import TABLES

    page = (REFERENCE / "profile.md").read_text("utf-8")
    settings = {name for kind in TABLES.values() for name in kind.__struct_fields__}
    settings -= {"extensions"}  # kept for what one family alone knows, by no name of its own
    assert not {name for name in settings if f"`{name}`" not in page and f".{name}]" not in page}


def _documented_codes() -> set[str]:
    page = Path(REFERENCE / "errors.md").read_text("utf-8")
    return set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
