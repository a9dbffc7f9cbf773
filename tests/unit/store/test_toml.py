"""The compiled TOML reader and the interpreter's own one agree on every document."""

import re
import tomllib
from datetime import UTC, datetime

import pytest
import rtoml
import tomli_w
from hypothesis import example, given
from hypothesis import strategies as st

from ltictl.store.toml import parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = (
    TEXT
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)


@given(st.dictionaries(TEXT, VALUES, max_size=6))
def test_a_written_document_is_read_unchanged(document: dict[str, object]) -> None:
    assert parse(tomli_w.dumps(document)) == document


# Pieces that mean something in TOML, in orders that nobody intended.
PIECES = st.sampled_from(
    [
        *"=.,[]{}\"'#\n\t \\",
        *(
            "a",
            "b",
            "'''",
            '"""',
            "\r",
            "\r\n",
            "1",
            "0x1",
            "1_0",
            "01",
            "-0",
            "1e5",
            "inf",
            "true",
        ),
        *("[a]", "[[a]]", "a.b=1", "\\u00e9", "\\ud800", "\x00", "\x7f", "é", "2026-01-31"),
        *("2026-02-30", "T12:00:00", "Z", "+25:00", "a={b=1}", "a=[1]", "\n[a.b]\n", "a=1\n"),
    ]
)


# What the interpreter's reader does not know yet: lines in inline tables, times without seconds.
TOML_1_1 = re.compile(r"\{[^}]*\n|\d\d:\d\d(?!:)")


@given(st.lists(PIECES, max_size=14).map("".join))
@example("a=1\na=2")
@example("[a]\n[a]")
@example("a={b=1}\n[a.c]")
@example("a=2026-02-30")
@example('a="\\ud800"')
def test_both_readers_accept_the_same_toml(text: str) -> None:
    try:
        expected: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        expected = None
    try:
        found: object = rtoml.loads(text)
    except rtoml.TomlParsingError:
        found = None

    if expected is None:
        assert found is None or TOML_1_1.search(text)
    elif found is not None:  # else the interpreter's reader is asked, and has the last word
        assert repr(found).replace("\\r\\n", "\\n") == repr(expected)


def test_the_message_says_where_and_quotes_nothing() -> None:
    with pytest.raises(ValueError, match="line 2, column") as caught:
        parse('a = 1\nregistration_access_token = "very-secret" oops\n')

    assert "very-secret" not in str(caught.value)


def test_a_time_is_one_in_utc() -> None:
    read = parse("at = 2026-01-31T12:00:00Z")["at"]

    assert read == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert read.astimezone(UTC).tzinfo is UTC
