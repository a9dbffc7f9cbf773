"""The real program killed (SIGKILL) at its durable steps while it switches and withdraws keys."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ltictl.model.signing_key import KeyState
from ltictl.operations.context import utc_now
from tests.crash.scale import chosen
from tests.support.cli import Home

from .test_cut_off import all_pems, check
from .world import Operator

NEXT, CURRENT, RETIRING, RETIRED = KeyState
KILLED = -9
SAMPLE = 4


def switching(owner: Operator) -> list[KeyState]:
    owner.clock[0] = utc_now() - timedelta(days=2)
    owner.rotate()
    return [RETIRING, CURRENT]


def withdrawing(owner: Operator) -> list[KeyState]:
    owner.clock[0] = utc_now() - timedelta(days=30)
    owner.rotate()
    owner.later("2d")
    owner.rotate()
    return [RETIRED, CURRENT]


@pytest.mark.parametrize("before", [switching, withdrawing])
def test_one_key_signs_whenever_it_is_killed(
    owner: Operator, home: Home, tmp_path: Path, before: Callable[[Operator], list[KeyState]]
) -> None:
    expected = before(owner)
    owner.publish()
    saved = tmp_path / "saved"
    shutil.copytree(owner.profile.root, saved)

    def run(point: int) -> int:
        shutil.rmtree(owner.profile.root)
        shutil.copytree(saved, owner.profile.root)
        argv = [sys.executable, "-m", "tests.keys.killed_at", str(point)]
        given = ["--profile", str(owner.profile.root), "rotate-keys", "--allow-private"]
        env = home.environment({"PYTHONPATH": str(Path(__file__).parents[2])})
        return subprocess.run(
            [*argv, *given], env=env, cwd=home.path, capture_output=True, check=False
        ).returncode

    assert run(0) == 0
    owner.clock[0] = utc_now()
    assert sorted(owner.states()) == sorted(expected)
    points = chosen(list(range(1, 13)), SAMPLE)
    killed = 0
    for point in points:
        killed += run(point) == KILLED
        pems = all_pems(owner)
        check(owner, pems)
        owner.clock[0] = utc_now()
        owner.rotate()
        check(owner, pems)
        states = [state for state in owner.states() if state is not NEXT]
        assert sorted(states) == sorted(expected), "a whole rotation may be followed by the next"
    assert killed >= len(points) // 2
