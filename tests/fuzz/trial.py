"""Tries one target for the suite: its corpus, and ten seconds of new inputs."""

import importlib.util
import os
from pathlib import Path
from typing import Final

from tests.support.parts import require

from .run import fuzz
from .targets import TARGETS, seeds

SECONDS: Final = int(os.environ.get("LTICTL_FUZZ_SECONDS", "10"))
# The suite tries the same inputs each time; 'make fuzz' looks for new ones.
_SEED: Final = 1
# The child's start on a busy machine, its corpus and its last input.
MAX_SECONDS: Final = SECONDS + 110


def assert_corpus_is_sound(name: str) -> None:
    """Look at the corpus alone, in this process: without atheris too."""
    assert seeds(name)
    with TARGETS[name]() as look:
        for seed in seeds(name):
            look(seed.read_bytes())


def assert_no_defect(name: str, folder: Path) -> None:
    """Fuzz for ten seconds, or as many as LTICTL_FUZZ_SECONDS says."""
    require("atheris", importlib.util.find_spec("atheris") is not None, "pip install atheris")

    found = fuzz(name, SECONDS, folder, _SEED)

    assert not found.defect, found.defect
    assert found.inputs > len(seeds(name))
    assert found.edges > 50
