"""Foreign text made harmless for a terminal: what could steer it is shown as an escape."""

import unicodedata

# Cc: C0, DEL and C1 controls. Cf: bidi overrides, zero-width characters. Cs: lone surrogates.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def safe(text: str) -> str:
    """``text`` on one line, every character that is not plainly visible written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _ESCAPED:
        return character
    code = ord(character)
    if code > 0xFFFF:  # noqa: PLR2004  beyond the plane that four digits name
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004  one byte
