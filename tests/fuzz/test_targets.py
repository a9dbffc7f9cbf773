"""Every target of the fuzzer accepts its corpus and ten seconds of new inputs."""

import importlib.util
import os
from pathlib import Path

import pytest

from tests.support.parts import require

from .run import fuzz
from .targets import TARGETS, seeds

SECONDS = int(os.environ.get("LTICTL_FUZZ_SECONDS", "10"))


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_holds_no_defect(name: str) -> None:
    """Without atheris too: the corpus alone, in this process."""
    assert seeds(name)
    with TARGETS[name]() as look:
        for seed in seeds(name):
            look(seed.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.timeout(SECONDS + 110)
def test_ten_seconds_find_no_defect(name: str, tmp_path: Path) -> None:
    require("atheris", importlib.util.find_spec("atheris") is not None, "pip install atheris")

    found = fuzz(name, SECONDS, tmp_path)

    assert not found.defect, found.defect
    assert found.inputs > len(seeds(name))
    assert found.edges > 50
