"""Every third party that ltictl imports is declared, not merely there because another needs it."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Final

import pytest

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
OUTSIDE: Final = {
    each.package: each
    for each in imports()
    if each.package not in sys.stdlib_module_names and each.package != "ltictl"
}


def test_third_parties_are_found() -> None:
    assert {"httpx", "certifi", "markupsafe", "msgspec"} <= OUTSIDE.keys()


@pytest.mark.parametrize("found", [pytest.param(each, id=name) for name, each in OUTSIDE.items()])
def test_an_imported_third_party_is_declared(found: Import) -> None:
    providers = {normal(each) for each in PROVIDED_BY.get(found.package, (found.package,))}

    assert providers & DECLARED, str(found)
