"""Times appear as ages that people would say."""

from datetime import UTC, datetime, timedelta

import pytest

from ltictl.cli.render.ages import age

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=5), "5 minutes ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=90), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(days=-6, seconds=-1), "in 6 days"),
        (timedelta(seconds=-20), "in a minute"),
    ],
)
def test_an_age(passed: timedelta, words: str) -> None:
    assert age(NOW - passed, NOW) == words
