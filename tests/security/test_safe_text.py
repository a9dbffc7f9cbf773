"""The one sanitiser handles every Unicode character (row 15)."""

import sys
import unicodedata

import pytest

from ltictl.cli.render.safe_text import safe

HARMLESS = {"Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs"}
HARMLESS |= {"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"}


SHORT = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}


def escaped(code: int) -> str:
    if code in SHORT:
        return SHORT[code]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def test_every_character_is_itself_or_an_escape_of_its_own() -> None:
    wrong = []
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        harmless = unicodedata.category(character) in HARMLESS
        if safe(character) != (character if harmless else escaped(code)):
            wrong.append(hex(code))
    assert wrong[:5] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain", "plain"),
        ("Universität Zürich 東京 🎓", "Universität Zürich 東京 🎓"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("\x7f\x80\xad", "\\x7f\\x80\\xad"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ue000\U0010ffff", "\\ue000\\U0010ffff"),
        ("ä\x00", "ä\\x00"),
    ],
)
def test_hostile_text_is_shown_safely(text: str, shown: str) -> None:
    assert safe(text) == shown
