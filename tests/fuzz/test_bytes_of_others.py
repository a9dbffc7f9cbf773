"""Every reader of strangers', senders' and disks' bytes accepts its corpus and new inputs."""

from pathlib import Path

import pytest

from .targets import OF_OTHERS
from .trial import MAX_SECONDS, assert_corpus_is_sound, assert_no_defect


@pytest.mark.parametrize("name", OF_OTHERS)
def test_the_corpus_holds_no_defect(name: str) -> None:
    assert_corpus_is_sound(name)


@pytest.mark.parametrize("name", OF_OTHERS)
@pytest.mark.timeout(MAX_SECONDS)
def test_ten_seconds_find_no_defect(name: str, tmp_path: Path) -> None:
    assert_no_defect(name, tmp_path)
