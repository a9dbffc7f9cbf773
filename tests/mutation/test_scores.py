"""The page on security testing gives the score of each mutated module."""

import re
from pathlib import Path

from .__main__ import MODULES, WANTED

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "security-testing.md"


def test_every_module_that_is_mutated_has_its_score() -> None:
    rows = re.findall(
        r"\| `(ltictl/\S+\.py)`[^|]*\| \d+ \| \d+ \((\d+) %\) \|", PAGE.read_text("utf-8")
    )
    scores = dict(rows)

    assert scores.keys() == MODULES.keys()
    assert min(map(int, scores.values())) >= WANTED
