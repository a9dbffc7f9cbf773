"""The page on security testing tells the truth: what it names exists, no threat is left out."""

import re
from pathlib import Path

from tests.mutation.__main__ import MODULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "security-testing.md").read_text("utf-8")
THREATS = 27


def test_what_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|ltictl)/[^`]+)`", PAGE))

    assert len(named) > 25
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_no_threat_is_left_out() -> None:
    section = PAGE.partition("## Threat by threat")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]

    assert len(rows) == THREATS
    assert [row for row in rows if "`tests/" not in row] == []


def test_every_module_that_is_changed_has_its_score() -> None:
    scores = dict(re.findall(r"\| `(ltictl/\S+\.py)`[^|]*\| \d+ \| \d+ \((\d+) %\) \|", PAGE))

    assert scores.keys() == MODULES.keys()
    assert min(map(int, scores.values())) >= 85
