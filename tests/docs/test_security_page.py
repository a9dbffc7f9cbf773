"""The page on security testing is true: what it names exists, and it leaves no threat out."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "security-testing.md").read_text("utf-8")
THREATS = 27  # of the first threat model; rows are only ever added


def test_what_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|ltictl)/[^`]+)`", PAGE))

    assert len(named) > 25
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_no_threat_is_left_out() -> None:
    section = PAGE.partition("## Threat by threat")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]

    assert len(rows) >= THREATS
    assert [row for row in rows if "`tests/" not in row] == []
