"""The strict reader refuses JSON with several meanings, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.strict_json import MAX_DEPTH, JsonError, parse_object

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.floats(allow_nan=False, width=32).filter(lambda number: abs(number) != float("inf")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.booleans())
def test_every_object_is_read_as_it_was_written(value: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert parse_object(text.encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_json_error(data: bytes) -> None:
    try:
        found = parse_object(data)
    except JsonError:
        return
    assert isinstance(found, dict)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"{",
        b"{}{}",
        b"{} x",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"{a: 1}",
        b'{"a": 01}',
        b'{"a": .5}',
        b'{"a": +1}',
        b'{"a": 0x1}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": [-1e999]}',
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "\\u0061": 1}}',
        b'{"a": "\\ud800"}',
        b'{"\\udc00": 1}',
        b'{"a": "\n"}',
        b'{"a": "\\x41"}',
        b'{"a": tru}',
        b"/* hi */ {}",
        b"{} // hi",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b'{"a": "\xff"}',
        b'{"a": "\xc0\xaf"}',
        b'{"a": "\xed\xa0\x80"}',
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' * 100 + b"1" + b"}" * 100,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"<html></html>",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_what_has_no_single_meaning_is_refused(data: bytes) -> None:
    with pytest.raises(JsonError, match=r"^it "):
        parse_object(data)


def test_depth_has_an_exact_bound() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)

    assert parse_object(nested(MAX_DEPTH))
    with pytest.raises(JsonError, match="too deeply"):
        parse_object(nested(MAX_DEPTH + 1))
