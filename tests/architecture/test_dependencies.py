"""Every third party that ltictl imports is declared, not merely there because another needs it."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Final

from tests.architecture.imports import ROOT, Import, imports


def normal(name: str) -> str:
    """A project's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


PROJECT: Final = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED: Final = {
    normal(re.split(r"[^A-Za-z0-9._-]", each)[0])
    for each in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["cloud"]
}
PROVIDED_BY: Final = packages_distributions()


def third_parties() -> dict[str, Import]:
    return {
        each.package: each
        for each in imports()
        if each.package not in sys.stdlib_module_names and each.package != "ltictl"
    }


def test_third_parties_are_found() -> None:
    assert {"httpx", "certifi", "markupsafe", "msgspec"} <= third_parties().keys()


def test_an_imported_third_party_is_declared() -> None:
    undeclared = [
        str(found)
        for package, found in third_parties().items()
        if DECLARED.isdisjoint(map(normal, PROVIDED_BY.get(package, (package,))))
    ]

    assert undeclared == []
