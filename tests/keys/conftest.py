"""Gives each test an operator with a profile and a published key set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.lti.keys import KeyMaterial, generate_key
from ltictl.operations import signing
from tests.support.cli import Ltictl
from tests.support.key_operator import Operator, operator
from tests.support.playback import PlaybackPlatform
from tests.support.time_machine import TimeMachine

from .school import School

POOL: list[KeyMaterial] = []


@pytest.fixture
def ready_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are made once for the whole run, since that is a matter of luck and takes a while."""

    def draw() -> Iterator[KeyMaterial]:
        for number in range(1000):
            if number == len(POOL):
                POOL.append(generate_key(2048))
            yield POOL[number]

    keys = draw()
    monkeypatch.setattr(signing, "generate_key", lambda *_: next(keys))


@pytest.fixture
def owner(tmp_path: Path, playback: PlaybackPlatform, ready_keys: None) -> Operator:
    del ready_keys
    return operator(tmp_path / "profile", playback)


@pytest.fixture
def school(tmp_path: Path, ltictl: Ltictl, playback: PlaybackPlatform) -> School:
    """The real program; skips the test where its clock cannot be set."""
    return School(ltictl, playback, TimeMachine(tmp_path), tmp_path / "jwks.json")
