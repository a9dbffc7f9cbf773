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


def together(envelope: Envelope) -> Any:
    return json.loads("".join(envelope.parts()))


@given(st.lists(VALUES, max_size=5), st.dictionaries(TEXTS, VALUES, max_size=3))
def test_an_iterator_becomes_an_array(values: list[Any], others: dict[str, Any]) -> None:
    whole = Envelope("list", {**others, "values": values}, ["odd"], None)
    flowing = Envelope("list", {**others, "values": iter(values)}, ["odd"], None)

    assert together(flowing) == together(whole)
    assert "".join(Envelope("list", {"v": iter(values)}, [], None).parts()).isascii()


def test_a_terminal_gets_all_of_an_iterator_indented() -> None:
    text = Envelope("list", {"values": iter([1, 2])}, [], None).indented()

    assert json.loads(text)["data"] == {"values": [1, 2]}
    assert "\n  " in text


def test_many_values_come_in_parts_before_all_are_read() -> None:
    read = []

    def values() -> Iterator[str]:
        for number in range(MANY):
            read.append(number)
            yield f"{number:0100}"

    parts = Envelope("list", {"values": values()}, [], None).parts()
    first = next(parts)

    assert len(read) < MANY
    assert len(json.loads(first + "".join(parts))["data"]["values"]) == MANY


def test_a_warning_that_comes_while_the_data_is_read_is_in_the_object() -> None:
    warnings = ["at first"]

    def values() -> Iterator[int]:
        yield 1
        warnings.append("meanwhile")

    found = together(Envelope("list", {"values": values()}, warnings, None))

    assert found["warnings"] == ["at first", "meanwhile"]


def test_a_failure_at_the_first_values_comes_before_the_first_part() -> None:
    def values() -> Iterator[int]:
        yield 1
        raise LtictlError("unreadable", "The folder cannot be read.")

    with pytest.raises(LtictlError, match="folder"):
        next(Envelope("list", {"values": values()}, [], None).parts())


def test_commands_in_every_value_name_the_profile() -> None:
    values = iter([{"fix": "ltictl show a"}])
    envelope = Envelope("list", {"values": values}, [], None, repeat_profile("prod"))

    assert together(envelope)["data"]["values"] == [{"fix": "ltictl --profile prod show a"}]
