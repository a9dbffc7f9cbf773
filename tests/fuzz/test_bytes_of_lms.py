"""Every reader of an LMS's bytes accepts its corpus and ten seconds of new inputs."""

from pathlib import Path

import pytest

from .targets import OF_LMS
from .trial import MAX_SECONDS, assert_corpus_is_sound, assert_no_defect


@pytest.mark.parametrize("name", OF_LMS)
def test_the_corpus_holds_no_defect(name: str) -> None:
    assert_corpus_is_sound(name)


@pytest.mark.parametrize("name", OF_LMS)
@pytest.mark.timeout(MAX_SECONDS)
def test_ten_seconds_find_no_defect(name: str, tmp_path: Path) -> None:
    assert_no_defect(name, tmp_path)
