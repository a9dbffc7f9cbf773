"""The constraints files pin every library that ltictl needs, within what pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TEXTS = {
    name: (ROOT / name).read_text("utf-8") for name in ("constraints.txt", "constraints-cloud.txt")
}
NEEDED = {
    "constraints.txt": PROJECT["dependencies"],
    "constraints-cloud.txt": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["cloud"]],
}


def pins(name: str) -> dict[str, str]:
    return {canonicalize_name(each): version for each, version in PINNED.findall(TEXTS[name])}


@pytest.mark.parametrize("name", NEEDED)
def test_every_dependency_is_pinned_within_its_range(name: str) -> None:
    needed = [Requirement(text) for text in NEEDED[name]]

    assert len(needed) > 10
    wrong = [
        str(each)
        for each in needed
        if not each.specifier.contains(pins(name).get(canonicalize_name(each.name), "0"))
    ]
    assert wrong == [], "run: make constraints"


@pytest.mark.parametrize("name", NEEDED)
def test_every_pin_has_a_digest(name: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", TEXTS[name])

    assert [each for each in blocks if PINNED.match(each) and "--hash=sha256:" not in each] == []


def test_the_extra_adds_libraries_and_changes_none() -> None:
    plain, cloud = pins("constraints.txt"), pins("constraints-cloud.txt")

    assert plain.items() <= cloud.items()
    assert "obstore" in cloud
    assert "obstore" not in plain
