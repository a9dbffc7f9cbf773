"""A release adds its documentation to the site and leaves that of other versions alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "versioned_site.py"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "how-to").mkdir(parents=True)
    (folder / "index.html").write_text("start", "utf-8")
    (folder / "how-to" / "install.html").write_text("install", "utf-8")
    return folder


def add(site: Path, pages: Path, version: str) -> tuple[int, str]:
    argv = [sys.executable, str(SCRIPT), str(site), str(pages), version]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_each_version_has_its_folder_and_the_start_leads_to_the_newest(
    site: Path, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for version in ("0.9.0", "0.10.0", "0.9.1"):
        assert add(site, pages, version) == (0, "")

    listed = [each["version"] for each in json.loads((pages / "versions.json").read_text("utf-8"))]
    assert listed == ["0.10.0", "0.9.1", "0.9.0"]
    assert 'href="0.10.0/index.html"' in (pages / "index.html").read_text("utf-8")
    assert (pages / "0.9.0" / "how-to" / "install.html").read_text("utf-8") == "install"


@pytest.mark.parametrize("version", ["v1.2.3", "1.2", "../1.2.3", ""])
def test_a_wrong_version_is_refused(version: str, site: Path, tmp_path: Path) -> None:
    code, said = add(site, tmp_path / "site" / "pages", version)

    assert code == 1
    assert "is not a version" in said


def test_pages_of_a_version_are_never_replaced(site: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    add(site, pages, "1.2.3")
    (site / "index.html").write_text("another", "utf-8")

    code, said = add(site, pages, "1.2.3")
    assert code == 1
    assert "exist already" in said
    assert (pages / "1.2.3" / "index.html").read_text("utf-8") == "start"
