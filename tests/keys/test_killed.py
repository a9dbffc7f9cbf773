"""The real program, cut short at every call that changes something in each step of a key's life.

SIGKILL ends it, or a full disk refuses the call. Another process then checks the promises, and the
next run must reach the state of an undisturbed one.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ltictl.lti.keys import generate_key
from ltictl.model.signing_key import KeyState
from ltictl.operations.context import utc_now
from tests.support.cli import Home
from tests.support.key_operator import Operator, hook_line, operator
from tests.support.playback import PlaybackPlatform
from tests.support.scale import chosen

from .test_cut_off import all_pems, assert_whole

NEXT, CURRENT, RETIRING, RETIRED = KeyState
KILLED = -9
SAMPLE = 4


def making(owner: Operator) -> tuple[str, ...]:
    owner.clock[0] = utc_now() - timedelta(days=2)
    return ("rotate-keys",)


def switching(owner: Operator) -> tuple[str, ...]:
    owner.clock[0] = utc_now() - timedelta(days=2)
    owner.rotate()
    return ("rotate-keys",)


def withdrawing(owner: Operator) -> tuple[str, ...]:
    owner.clock[0] = utc_now() - timedelta(days=30)
    owner.rotate()
    owner.later("2d")
    owner.rotate()
    return ("rotate-keys",)


def compromise(owner: Operator) -> tuple[str, ...]:
    owner.clock[0] = utc_now() - timedelta(days=2)
    owner.rotate()
    return ("rotate-keys", "--compromised", owner.key(CURRENT).kid, "--yes")


def importing(owner: Operator) -> tuple[str, ...]:
    file = owner.profile.root.parent / "old.pem"
    file.write_bytes(generate_key(2048).pem)
    return ("keys", "import", str(file))


@dataclass
class Stage:
    """A profile before one command, which can be run from there again and again."""

    owner: Operator
    home: Home
    saved: Path
    argv: tuple[str, ...]

    @classmethod
    def set_up(
        cls,
        folder: Path,
        home: Home,
        site: PlaybackPlatform,
        before: Callable[[Operator], tuple[str, ...]],
    ) -> "Stage":
        calls = folder / "calls"
        hook = hook_line(["sh", "-c", f"echo x >> {calls}"])
        owner = operator(folder / "profile", site, hook)
        owner.register("acme-moodle")
        argv = before(owner)
        owner.clock[0] = utc_now()
        owner.publish()
        shutil.copytree(owner.profile.root, folder / "saved")
        return cls(owner, home, folder / "saved", argv)

    def restore(self) -> None:
        shutil.rmtree(self.owner.profile.root)
        shutil.copytree(self.saved, self.owner.profile.root)

    def run(self, fault: str, point: int) -> tuple[int, str]:
        """The command, cut short there; its exit code and what it said."""
        program = [sys.executable, "-m", "tests.keys.cut_short", fault, str(point)]
        given = ["--profile", str(self.owner.profile.root), *self.argv]
        env = {"PYTHONPATH": str(Path(__file__).parents[2]), "LTICTL_ALLOW_PRIVATE": "1"}
        env["PYTHONDONTWRITEBYTECODE"] = "1"  # compiled modules would be counted, the first time
        done = subprocess.run(
            [*program, str(self.count), *given],
            env=self.home.environment(env),
            cwd=self.home.path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def count(self) -> Path:
        return self.saved.with_name("count")

    def states(self) -> list[KeyState]:
        """Of all keys but those that wait: a whole rotation may be followed by the next."""
        return sorted(state for state in self.owner.states() if state is not NEXT)


STEPS = (making, switching, withdrawing, compromise, importing)


@pytest.mark.parametrize("fault", ["killed", "full"])
@pytest.mark.parametrize("before", STEPS, ids=[each.__name__ for each in STEPS])
def test_one_key_signs_wherever_it_is_cut_short(
    tmp_path: Path,
    home: Home,
    playback: PlaybackPlatform,
    ready_keys: None,
    before: Callable[[Operator], tuple[str, ...]],
    fault: str,
) -> None:
    del ready_keys
    stage = Stage.set_up(tmp_path, home, playback, before)
    pems = all_pems(stage.owner)
    _, said = stage.run(fault, 0)
    total = int(stage.count.read_text("ascii"))
    stage.owner.rotate()
    expected = stage.states()
    assert total > SAMPLE, said
    for point in chosen(range(1, total + 1), SAMPLE):
        stage.restore()

        code, said = stage.run(fault, point)

        assert (code == KILLED) == (fault == "killed"), (point, said)
        assert not any(word in said for word in ("Traceback", "failed unexpectedly")), (point, said)
        there = all_pems(stage.owner)
        assert_whole(stage.owner, pems)
        stage.run(fault, 0)
        stage.owner.rotate()  # as cron does; an import does not resume the work of another command
        assert_whole(stage.owner, there)
        assert stage.states() == expected, point
        owed = [key.kid for key in stage.owner.profile.signing_keys.all() if key.unannounced]
        assert owed == [], f"{point}: the hook did not run"
