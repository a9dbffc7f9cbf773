"""The tests keep their own order: what they share, mirror and may measure."""

import ast
import re
from pathlib import Path
from typing import Final

from tests.architecture.breaches import breaches
from tests.architecture.imports import sources

TESTS: Final = Path(__file__).parents[1]
FILES: Final = [
    path
    for path in sorted(TESTS.rglob("*.py"))
    if "node_modules" not in path.parts and "recordings" not in path.parts
]


def package_of(path: Path) -> str:
    """The folder below ``tests``, empty for what stands at the top."""
    parts = path.relative_to(TESTS).parts
    return parts[0] if len(parts) > 1 else ""


def foreign_packages(path: Path) -> set[str]:
    """The other packages of tests that a test module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            found.add(str(node.module).split(".")[1])
    return found - {package_of(path), "support"}


def test_a_package_of_tests_imports_no_other() -> None:
    found = {path: packages for path in FILES if (packages := foreign_packages(path))}

    assert found == {}, "move what both need to tests/support"


def test_contributors_find_every_folder_of_tests_and_every_room_on_the_map() -> None:
    page = (TESTS.parent / "CONTRIBUTING.md").read_text("utf-8")
    folders = {f"tests/{package_of(path)}" for path in FILES if package_of(path)}
    rooms = {f"ltictl/{name.split('.')[1]}" for name, _ in sources() if "." in name}

    missing = {
        each
        for each in folders | {room.replace("__main__", "__main__.py") for room in rooms}
        if f"`{each}" not in page
    }

    assert missing == set()
    (row,) = [line for line in page.splitlines() if line.startswith("| `ltictl/operations`")]
    subjects = {
        name.split(".")[2] for name, _ in sources() if name.startswith("ltictl.operations.")
    }
    folders = {each for each in subjects if (TESTS.parent / "ltictl/operations" / each).is_dir()}
    assert {each for each in folders if f"`{each}`" not in row} == set()


# Tests end what hangs by the timeouts of pytest and of the processes; a figure belongs to bench.
MEASURED: Final = re.compile(r"(perf_counter|monotonic)\(\) *-")


def test_no_test_measures_a_duration() -> None:
    others = [each for each in FILES if package_of(each) != "bench"]

    assert breaches(others, MEASURED.findall) == {}
