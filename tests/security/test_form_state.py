"""The form's hidden field is signed for one visit, one hour and one run (row 8)."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.callback.form_state import FormState

NOW = 1_800_000_000.9
VISIT = "a-visit_1"


@pytest.fixture(scope="module")
def states() -> FormState:
    return FormState()


def test_it_is_good_for_an_hour_and_not_a_second_longer(states: FormState) -> None:
    state = states.sign(VISIT, NOW)

    assert state.split(".")[:2] == [VISIT, "1800003600"]
    for moment in (NOW, NOW + 1, 1_800_003_599.99):
        assert states.check(state, moment) == VISIT
    for moment in (1_800_003_600, 1_800_003_600.01, NOW + 100_000):
        assert states.check(state, moment) is None


def test_another_lifetime() -> None:
    states = FormState(lifetime=10)
    state = states.sign(VISIT, 100.0)

    assert states.check(state, 109.9) == VISIT
    assert states.check(state, 110.0) is None


def test_every_changed_bit_is_noticed(states: FormState) -> None:
    state = states.sign(VISIT, NOW).encode()
    for position in range(len(state) * 8):
        changed = bytearray(state)
        changed[position // 8] ^= 1 << position % 8
        assert states.check(changed.decode("latin-1"), NOW) is None


def test_parts_of_two_states_do_not_go_together(states: FormState) -> None:
    one = states.sign("one", NOW).split(".")
    for other in (states.sign("two", NOW), states.sign("one", NOW + 1)):
        parts = other.split(".")
        for index in range(3):
            mixed = [*one]
            mixed[index] = parts[index]
            if mixed not in (one, parts):
                assert states.check(".".join(mixed), NOW) is None


def test_what_separates_the_parts_is_signed_too(states: FormState) -> None:
    visit, expires, mac = states.sign("visit1", NOW).split(".")

    assert states.check(f"{visit}{expires[0]}.{expires[1:]}.{mac}", NOW) is None
    assert states.check(f"{visit[:-1]}.{visit[-1]}{expires}.{mac}", NOW) is None
    assert states.check(f"{visit}.{expires}.{mac}.", NOW) is None
    assert states.check(f"{visit}.{expires}.{mac.upper()}", NOW) is None


def test_another_run_has_another_key(states: FormState) -> None:
    assert FormState().check(states.sign(VISIT, NOW), NOW) is None
    assert FormState().sign(VISIT, NOW) != states.sign(VISIT, NOW)


def test_the_mac_is_hmac_sha256_with_a_key_of_32_bytes(states: FormState) -> None:
    key = states._key  # noqa: SLF001
    expected = hmac.new(key, f"{VISIT}.1800003600".encode(), hashlib.sha256).hexdigest()

    assert states.sign(VISIT, NOW) == f"{VISIT}.1800003600.{expected}"
    assert len(key) == 32
    assert len(set(key)) > 8


@pytest.mark.parametrize(
    "state", ["", ".", "..", "...", "a", "a.1", "a.1.", f"{VISIT}.9999999999."]
)
def test_altered_states_are_none(states: FormState, state: str) -> None:
    assert states.check(state, NOW) is None


@given(st.text())
def test_no_text_makes_it_stumble(text: str) -> None:
    states = FormState()

    assert states.check(text, NOW) is None
    assert states.check(f"{text}.{text}.{text}", NOW) is None


@given(st.text(alphabet=st.characters(blacklist_characters=".")))
def test_any_visit_comes_back(visit: str) -> None:
    states = FormState()

    assert states.check(states.sign(visit, NOW), NOW) == visit
