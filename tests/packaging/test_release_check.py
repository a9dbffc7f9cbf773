"""The release check refuses placeholders, and passes a tree that is ready."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACEHOLDER = "placeholder.invalid"
READ = ("pyproject.toml", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "ltictl/__init__.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the check reads, ready for the release of 1.2.3."""
    for name in (*READ, ".ci/release_check.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in READ:
        file = tmp_path / name
        file.write_text(file.read_text("utf-8").replace(PLACEHOLDER, "example.org"), "utf-8")
    (tmp_path / "ltictl/__init__.py").write_text(
        '__version__ = "1.2.3"\n__docs_url__ = "https://example.org/ltictl/docs"\n', "utf-8"
    )
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text(f"## [1.2.3] - 2027-01-31\n\n{changes.read_text('utf-8')}", "utf-8")
    return tmp_path


def check(tree: Path, tag: str = "v1.2.3") -> tuple[int, str]:
    argv = [sys.executable, str(tree / ".ci/release_check.py"), tag]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_tree_that_is_ready_passes(tree: Path) -> None:
    assert check(tree) == (0, "")


def test_this_tree_has_placeholders_and_is_refused() -> None:
    code, said = check(ROOT)

    assert code == 1
    assert "pyproject.toml has placeholders" in said
    assert "SECURITY.md has a placeholder." in said


def test_another_version_than_the_tag_is_refused(tree: Path) -> None:
    code, said = check(tree, "v1.2.4")

    assert code == 1
    assert "The tag is v1.2.4, ltictl/__init__.py says 1.2.3." in said
    assert "CHANGELOG.md has no dated section [1.2.4]." in said


def test_a_project_without_urls_is_refused(tree: Path) -> None:
    file = tree / "pyproject.toml"
    file.write_text(file.read_text("utf-8").replace("[project.urls]", "[tool.nothing]"), "utf-8")

    code, said = check(tree)
    assert code == 1
    assert "project.urls is not set.\n" in said


def test_a_site_at_another_address_than_the_project_says_is_refused(tree: Path) -> None:
    (tree / "ltictl/__init__.py").write_text('__version__ = "1.2.3"\n__docs_url__ = ""\n', "utf-8")

    code, said = check(tree)
    assert code == 1
    assert said == "__docs_url__ in ltictl/__init__.py is not project.urls.Documentation.\n"
