"""With a wrong clock ltictl works, or says by how much the clock is wrong (row 22)."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl
from tests.support.time_machine import TimeMachine
from tests.support.visit import headless

MINUTE, HOUR, DAY = 60, 3600, 86_400
YEAR = 365 * DAY
OFFSETS = [
    1,
    4,
    30,
    MINUTE,
    5 * MINUTE,
    20 * MINUTE,
    HOUR,
    5 * HOUR,
    DAY,
    40 * DAY,
    YEAR,
    10 * YEAR,
]
OFFSETS = [sign * each for each in OFFSETS for sign in (1, -1)] + [12 * YEAR]  # beyond 2038


def span(seconds: int) -> str:
    return f"{seconds}s" if seconds % DAY else f"{seconds // DAY}d"


def register(acme: Ltictl, lms: Sandbox) -> None:
    started = urlsplit(lms.lms.start_registration("https://tool.example/?t=x"))
    given = {name: values[0] for name, values in parse_qs(started.query).items()}
    done = headless(
        acme, given["openid_configuration"], "--json", token=given["registration_token"]
    )
    done.assert_success()


def test_it_works_or_names_the_offset(acme: Ltictl, profile: Path, tmp_path: Path) -> None:
    assert len(OFFSETS) >= 24
    with Sandbox() as lms:
        register(acme, lms)

        def look(offset: int) -> str:
            folder = tmp_path / str(offset)
            folder.mkdir()
            machine = TimeMachine(folder)
            (machine.later if offset > 0 else machine.earlier)(span(abs(offset)))
            done = acme("verify", "acme-moodle", "--allow-private", "--json", env=machine.env)
            (found,) = done.data["integrations"]
            return str({each["id"]: each for each in found["checks"]}["clock"])

        with ThreadPoolExecutor(2) as pool:
            verdicts = dict(zip(OFFSETS, pool.map(look, OFFSETS), strict=True))
    assert profile.exists()
    for offset, words in verdicts.items():
        if abs(offset) < 5:
            assert "within five seconds" in words, offset
        else:
            found = re.search(r"your clock is (\d+) s (ahead of|behind) that of", words)
            assert found is not None, words
            assert abs(int(found[1]) - abs(offset)) <= 2, words
            assert (found[2] == "ahead of") is (offset > 0), words
