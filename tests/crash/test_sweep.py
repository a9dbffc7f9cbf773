"""Killed, out of space, a failing disk, told to end: at every call that changes something."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ltictl.model.signing_key import KeyState
from ltictl.operations.context import Context

from .figures import Noted
from .ledgers import PlayedLedger, SandboxLedger
from .scale import FULL, chosen
from .sweep import Scenario, Tally, swept
from .tracing import require_strace

POINTS_WANTED = 800
SAMPLE = 4
REGISTER = ("register", "--org", "acme", "--yes", "--allow-private", "--json")
IDS = ("acme-moodle-1", "acme-moodle-2", "acme-moodle-3")

Make = Callable[[str], Scenario]


@pytest.fixture(scope="module")
def counted() -> list[Tally]:
    require_strace()
    return []


@pytest.fixture
def scenario(
    plain_profile: Path,
    profile_with_integrations: Path,
    profile_with_kept_answer: Path,
    moodle: SandboxLedger,
    canvas: PlayedLedger,
    refusing: PlayedLedger,
) -> Make:
    three = profile_with_integrations
    every = {
        "register": Scenario("register", plain_profile, REGISTER, moodle),
        "register with secrets": Scenario("register with secrets", plain_profile, REGISTER, canvas),
        "register, refused": Scenario("register, refused", plain_profile, REGISTER, refusing),
        "activate": Scenario("activate", three, ("activate", *IDS), again=True),
        "rotate-keys": Scenario("rotate-keys", plain_profile, ("rotate-keys",), wrong=_signers),
        "remove": Scenario("remove", three, ("remove", IDS[1], "--yes"), again=True),
        "recover": Scenario(
            "recover", profile_with_kept_answer, ("recover", "acme-moodle", "--adopt"), again=True
        ),
    }
    return every.__getitem__


def _signers(context: Context) -> list[str]:
    """Exactly one key signs, and its private half is there."""
    keys = [key.kid for key in context.profile.signing_keys.all() if key.state is KeyState.CURRENT]
    there = [kid for kid in keys if context.profile.private_keys.read(kid)]
    return [] if len(there) == 1 else [f"{keys} sign, of which {there} have a private half"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name",
    [
        "register",
        "register with secrets",
        "register, refused",
        "activate",
        "rotate-keys",
        "remove",
        "recover",
    ],
)
def test_nothing_is_lost_whatever_call_fails(
    name: str, scenario: Make, counted: list[Tally], tmp_path: Path, noted: Noted
) -> None:
    tally = swept(scenario(name), tmp_path / "sweep", lambda points: chosen(points, SAMPLE))

    counted.append(tally)
    noted("points", tally.points)
    assert tally.violations == []
    assert tally.missed == []
    assert tally.points >= SAMPLE


def test_the_sweep_is_as_wide_as_it_should_be(counted: list[Tally], noted: Noted) -> None:
    points = sum(tally.points for tally in counted)

    noted("points", points)
    assert points >= (POINTS_WANTED if FULL else SAMPLE)
