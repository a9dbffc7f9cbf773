"""The JSON object of a run is one object, whether its data is there or is read meanwhile."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.cli.render.envelope import Envelope
from ltictl.cli.render.hints import repeat_profile
from ltictl.errors import LtictlError

TEXTS = st.text(max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MANY = 5_000  # more than one part holds


def nothing() -> None:
    """Return no error."""


def together(envelope: Envelope) -> Any:
    return json.loads("".join(envelope.parts()))


@given(st.lists(VALUES, max_size=5), st.dictionaries(TEXTS, VALUES, max_size=3))
def test_an_iterator_becomes_an_array(values: list[Any], others: dict[str, Any]) -> None:
    whole = Envelope("list", {**others, "values": values}, ["odd"], nothing)
    flowing = Envelope("list", {**others, "values": iter(values)}, ["odd"], nothing)

    assert together(flowing) == together(whole)
    assert "".join(Envelope("list", {"v": iter(values)}, [], nothing).parts()).isascii()


def test_a_terminal_gets_all_of_an_iterator_indented() -> None:
    text = Envelope("list", {"values": iter([1, 2])}, [], nothing).indented()

    assert json.loads(text)["data"] == {"values": [1, 2]}
    assert "\n  " in text


def test_many_values_come_in_parts_before_all_are_read() -> None:
    read = []

    def values() -> Iterator[str]:
        for number in range(MANY):
            read.append(number)
            yield f"{number:0100}"

    parts = Envelope("list", {"values": values()}, [], nothing).parts()
    first = next(parts)

    assert len(read) < MANY
    assert len(json.loads(first + "".join(parts))["data"]["values"]) == MANY


def test_a_warning_that_comes_while_the_data_is_read_is_in_the_object() -> None:
    warnings = ["at first"]

    def values() -> Iterator[int]:
        yield 1
        warnings.append("meanwhile")

    found = together(Envelope("list", {"values": values()}, warnings, nothing))

    assert found["warnings"] == ["at first", "meanwhile"]


def test_a_failure_at_the_first_values_comes_before_the_first_part() -> None:
    def values() -> Iterator[int]:
        yield 1
        raise LtictlError("unreadable", "The folder cannot be read.")

    with pytest.raises(LtictlError, match="folder"):
        next(Envelope("list", {"values": values()}, [], nothing).parts())


@given(st.lists(VALUES, min_size=1, max_size=5), st.integers(0, 4), st.booleans())
def test_an_error_in_the_middle_ends_the_object(
    values: list[Any], fails_at: int, at_once: bool
) -> None:
    def failing() -> Iterator[Any]:
        for number, each in enumerate(values):
            if number == fails_at:
                raise LtictlError("unreadable", "The folder cannot be read.")
            yield each

    data = {"first": iter(["x" * 70_000]), "values": failing(), "others": [1]}
    envelope = Envelope("list", data, ["odd"], nothing, at_once=at_once)
    written: list[str] = []
    try:
        written.extend(envelope.parts())
    except LtictlError as error:
        written.append(envelope.end_with(error))
    found = json.loads("".join(written))

    assert found["data"]["values"] == values[:fails_at]
    assert (found["data"]["others"], found["warnings"]) == ([1], ["odd"])
    assert found["ok"] is (found["error"] is None) is (fails_at >= len(values))


def test_a_value_that_may_be_long_in_coming_is_not_held_back() -> None:
    read = []

    def values() -> Iterator[int]:
        for number in range(3):
            read.append(number)
            yield number

    parts = Envelope("verify", {"values": values()}, [], nothing, at_once=True).parts()

    assert next(parts).endswith('"values":[0')
    assert read == [0]


def test_the_last_value_may_decide_on_the_error_and_on_other_members() -> None:
    data: dict[str, Any] = {}
    errors: list[LtictlError] = []

    def values() -> Iterator[int]:
        yield 1
        data["news"] = "bad"
        errors.append(LtictlError("problems_found", "One has problems."))

    data["values"] = values()
    whole = json.loads(
        Envelope("verify", data, [], lambda: errors[0] if errors else None).indented()
    )
    data["values"] = values()
    flowing = together(Envelope("verify", data, [], lambda: errors[0] if errors else None))

    assert whole == flowing
    assert (flowing["ok"], flowing["error"]["code"]) == (False, "problems_found")
    assert flowing["data"] == {"values": [1], "news": "bad"}


def test_commands_in_every_value_name_the_profile() -> None:
    values = iter([{"fix": "ltictl show a"}])
    envelope = Envelope("list", {"values": values}, [], nothing, repeat_profile("prod"))

    assert together(envelope)["data"]["values"] == [{"fix": "ltictl --profile prod show a"}]
