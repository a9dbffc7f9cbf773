"""``constraints.txt`` pins every library that ltictl needs, within what pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", re.MULTILINE)
TEXT = (ROOT / "constraints.txt").read_text("utf-8")


def test_every_dependency_is_pinned_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = {canonicalize_name(name): version for name, version in PINNED.findall(TEXT)}
    needed = [Requirement(text) for text in project["dependencies"]]

    assert len(needed) > 10
    wrong = [
        str(each)
        for each in needed
        if not each.specifier.contains(pins.get(canonicalize_name(each.name), "0"))
    ]
    assert wrong == [], "run: make constraints"


def test_every_pin_has_a_digest() -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", TEXT)

    assert [each for each in blocks if PINNED.match(each) and "--hash=sha256:" not in each] == []
