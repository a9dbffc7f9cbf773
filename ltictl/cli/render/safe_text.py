"""Foreign text made harmless for a terminal: what could steer it is shown as an escape."""

import unicodedata

# Cc: C0, DEL and C1 controls. Cf: bidi overrides, zero-width characters. Cs: lone surrogates.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def safe(text: str) -> str:
    """``text`` on one line, every character that is not plainly visible written as an escape."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in _ESCAPED
    return ascii(character)[1:-1] if hidden else character
