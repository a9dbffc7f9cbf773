"""A sample that a seed turns is the same for the same seed, and misses nothing for good."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scale import Scale, one_of_each, spread

ROOT = Path(__file__).parents[2]
SIZES = st.integers(min_value=0, max_value=60)
SAMPLES = st.integers(min_value=1, max_value=60)


def test_unset_is_the_fixed_sample() -> None:
    assert Scale.read("") == Scale()
    assert Scale().chosen(range(10), 2) == [0, 5]


def test_full_is_everything() -> None:
    assert Scale.read("full").chosen(range(10), 2, 4) == list(range(10))


def test_a_seed_chooses_the_same_items_in_every_process() -> None:
    scale = Scale.read("sample:1f0c")

    assert scale == Scale(turn=0x2E74F15B)
    assert scale.chosen(range(100), 2, 4) == [24, 49, 74, 99]


def test_a_seed_never_chooses_fewer() -> None:
    assert len(Scale(turn=3).chosen(range(100), 5)) == 5


@pytest.mark.parametrize("asked", ["sample", "sample:", "Full", "1", "full:1"])
def test_any_other_word_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="neither full nor sample:SEED"):
        Scale.read(asked)


@given(size=SIZES, sample=SAMPLES)
def test_every_item_has_its_turn(size: int, sample: int) -> None:
    played = {item for turn in range(size) for item in spread(range(size), sample, turn)}

    assert played == set(range(size))


@given(size=SIZES, sample=SAMPLES, turn=st.integers(min_value=0))
def test_a_turned_sample_is_as_large_as_another(size: int, sample: int, turn: int) -> None:
    items = spread(range(size), sample, turn)

    assert len(set(items)) == len(items) == min(size, sample)
    assert items == sorted(items)


ITEMS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers()), unique=True)


def kind_of(item: tuple[str, int]) -> str:
    return item[0]


@given(ITEMS)
def test_each_kind_is_played_at_each_turn_and_each_item_at_some(
    items: list[tuple[str, int]],
) -> None:
    turns = [one_of_each(items, kind_of, turn) for turn in range(len(items))]

    kinds = {kind for kind, _ in items}
    assert all({kind for kind, _ in turn} == kinds for turn in turns)
    assert all(len(turn) == len(kinds) for turn in turns)
    assert {item for turn in turns for item in turn} == set(items)


@given(items=ITEMS, turn=st.integers(min_value=0), least=st.integers(min_value=0, max_value=20))
def test_others_make_up_the_number(items: list[tuple[str, int]], turn: int, least: int) -> None:
    played = one_of_each(items, kind_of, turn, least)

    assert set(one_of_each(items, kind_of, turn)) <= set(played)
    assert len(played) == max(min(least, len(items)), len({kind for kind, _ in items}))
    assert played == one_of_each(items, kind_of, turn, least)


def runs_of_everything(workflow: str) -> list[str]:
    """The steps that run all of CI."""
    read = yaml.safe_load((ROOT / ".github/workflows" / workflow).read_text("utf-8"))
    steps = [step.get("run", "") for job in read["jobs"].values() for step in job["steps"]]
    return [each for each in steps if ".ci/run" in each]


def test_everything_is_played_by_hand_each_night_and_before_a_release() -> None:
    asked = subprocess.run(
        ["make", "--dry-run", "test-crash"],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "LTICTL_CRASH=full " in asked.stdout
    nightly = "bash .ci/run ${{ github.event_name == 'schedule' && '--full' || '' }}"
    assert runs_of_everything("ci.yml") == [nightly]
    assert runs_of_everything("release.yml") == ["bash .ci/run --full"]


# What only the full run does; without the word it would be done by nobody.
@pytest.mark.parametrize(
    "line",
    [
        '[ -z "$full" ] || crash=full',
        'COVERAGE="${full:+--cov --cov-report=term:skip-covered}"',
        'if [ -z "$full" ] && [ "$version" != "$newest" ]; then',
        'if [ -n "$full" ]; then quick=(); fi',
    ],
)
def test_the_full_run_leaves_nothing_out(line: str) -> None:
    assert line in (ROOT / ".ci/run").read_text("utf-8")


def test_a_misspelt_full_run_is_none() -> None:
    run = subprocess.run(
        ["bash", ROOT / ".ci/run", "--ful"], capture_output=True, text=True, check=False
    )

    assert (run.returncode, run.stderr) == (2, "usage: .ci/run [--full]\n")
