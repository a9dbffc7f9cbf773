"""Builds the documentation's site as a release does, and serves it on loopback."""

import mimetypes
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.answers import Answer
from tests.support.site import Site

ROOT = Path(__file__).parents[2]
ZENSICAL = (sys.executable, "-m", "zensical")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; a link that leads nowhere ends the build."""
    pytest.importorskip("zensical")
    folder = tmp_path_factory.mktemp("documentation")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    built = subprocess.run(
        [*ZENSICAL, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address of the site."""
    with Site("127.0.0.1") as server:
        for path in site.rglob("*"):
            if path.is_file():
                kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
                place = f"/{path.relative_to(site).as_posix()}"
                server.pages[place] = Answer(headers={"Content-Type": kind}, body=path.read_bytes())
        yield server.origin
