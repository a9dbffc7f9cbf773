"""Make foreign text harmless for a terminal by escaping control characters."""

import unicodedata

# Cc: C0, DEL and C1 controls. Cf: bidi overrides, zero-width characters. Cs: lone surrogates.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def safe(text: str) -> str:
    """Return ``text`` on one line, with an escape for every character that is not visible."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in _ESCAPED
    return ascii(character)[1:-1] if hidden else character
