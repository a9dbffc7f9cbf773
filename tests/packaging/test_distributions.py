"""The sdist and the wheel hold everything that users need, and nothing else."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import pytest

ROOT = Path(__file__).parents[2]


def build(
    source: Path,
    target: Path,
    kind: str,
    extra: Mapping[str, str] = MappingProxyType({}),
    *,
    umask: int = -1,
) -> Path:
    """Build one distribution of the tree at ``source``."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(
        argv,
        cwd=source,
        env=os.environ | extra,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ChildProcessError(done.stdout + done.stderr)
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """The content of a wheel, without the records that differ from build to build."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if "RECORD" not in name}


def sdist_names(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        return {
            PurePosixPath(*PurePosixPath(each).parts[1:]).as_posix() for each in archive.getnames()
        }


def own_files(folder: str) -> set[str]:
    """Files of the tree below ``folder``, without what tools leave behind."""
    left = {"__pycache__", "node_modules", ".mypy_cache"}
    return {
        (Path(where) / name).relative_to(ROOT).as_posix()
        for where, folders, names in os.walk(ROOT / folder)
        for name in names
        if not left & set(Path(where).parts) and not name.endswith((".pyc", ".tmp"))
    }


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    files = wheel_files(wheel)

    assert own_files("ltictl") <= set(files)
    kinds = {PurePosixPath(name).suffix for name in files}
    assert {".py", ".html", ".css", ".js", ".typed"} <= kinds


def test_the_wheel_carries_the_man_page_and_the_licence(wheel: Path) -> None:
    files = wheel_files(wheel)

    (man,) = (name for name in files if name.endswith("/data/share/man/man1/ltictl.1"))
    assert files[man] == (ROOT / "man" / "ltictl.1").read_bytes()
    assert any(name.endswith("licenses/LICENSE") for name in files)
    entry = next(files[name] for name in files if name.endswith("entry_points.txt"))
    assert b"ltictl = ltictl.__main__:main" in entry


def test_the_wheel_carries_the_texts_of_the_documentation(wheel: Path) -> None:
    files = wheel_files(wheel)

    for part in ("tutorial", "how-to", "explanation", "reference"):
        for page in (ROOT / "docs" / part).rglob("*.md"):
            place = f"ltictl/documentation/{page.relative_to(ROOT / 'docs').as_posix()}"
            assert files[place] == page.read_bytes(), place


# The interpreter imports it first: file systems list a folder's entries in an order of their own.
BACKWARDS = """
import os

class Backwards:
    scan = os.scandir

    def __init__(self, path="."):
        with Backwards.scan(path) as found:
            self.found = iter(sorted(found, key=lambda entry: entry.name, reverse=True))

    def __iter__(self):
        return self.found

    def __next__(self):
        return next(self.found)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        pass

    close = __exit__

listing = os.listdir
os.scandir = Backwards
os.listdir = lambda path=".": sorted(listing(path), reverse=True)
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The tree of another machine: another folder, times and modes of its own."""
    tree = tmp_path / "elsewhere" / "tree"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "tests")
    shutil.copytree(ROOT, tree, ignore=ignored)
    shutil.copy(ROOT / ".gitignore", tree)
    for number, path in enumerate(sorted(tree.rglob("*"))):
        os.utime(path, (1_000_000_000 + 7 * number,) * 2)
        path.chmod(path.stat().st_mode & 0o700)  # a checkout under umask 077
    return tree


@pytest.fixture
def strange(tmp_path: Path) -> dict[str, str]:
    """The environment of another machine; its file system lists all folders backwards."""
    first = tmp_path / "first"
    first.mkdir()
    (first / "sitecustomize.py").write_text(BACKWARDS)
    zone = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "HOME": str(tmp_path)}
    return {**zone, "PYTHONPATH": str(first)}


def test_two_machines_build_the_same_wheel(
    wheel: Path, elsewhere: Path, strange: dict[str, str], tmp_path: Path
) -> None:
    other = build(elsewhere, tmp_path / "built", "wheel", strange, umask=0o077)

    assert other.name == wheel.name
    assert other.read_bytes() == wheel.read_bytes()


def test_two_machines_build_the_same_wheel_of_a_given_date(
    elsewhere: Path, strange: dict[str, str], tmp_path: Path
) -> None:
    dated = {"SOURCE_DATE_EPOCH": "1700000001"}

    one = build(ROOT, tmp_path / "one", "wheel", dated, umask=0o022)
    other = build(elsewhere, tmp_path / "other", "wheel", strange | dated, umask=0o077)

    assert other.read_bytes() == one.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {each.date_time[:3] for each in archive.infolist()} == {(2023, 11, 14)}


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    roots = {name.split("/")[0] for name in wheel_files(wheel)}

    assert {root for root in roots if not root.startswith("ltictl")} == set()
    assert not [name for name in wheel_files(wheel) if "/tests/" in name]


def test_the_sdist_holds_the_tests_and_the_documentation(sdist: Path) -> None:
    names = sdist_names(sdist)

    for folder in ("ltictl", "tests", "docs", "man"):
        assert own_files(folder) <= names, own_files(folder) - names
    assert {"Makefile", "zensical.toml", "README.md", "CHANGELOG.md", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name or name.endswith(".pem")]


def test_a_wheel_made_of_the_sdist_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    # Python 3.11.2, as Debian has it, cannot extract with a filter.
    subprocess.run(["tar", "-xf", str(sdist), "-C", str(tmp_path)], check=True)
    (tree,) = tmp_path.iterdir()

    again = build(tree, tmp_path / "dist", "wheel")

    assert wheel_files(again) == wheel_files(wheel)
