"""Suggestions for a mistyped name."""

from collections.abc import Iterable

_ALIKE = 0.6


def did_you_mean(word: str, known: Iterable[str], *, before: str = "") -> str:
    """The beginning of a ``fix``: the likeliest name, or nothing where none is like ``word``.

    Args:
        word: what was typed.
        known: the names that exist.
        before: what stands before a name in a command line, such as ``ltictl ``.

    Returns:
        A sentence and a blank, or an empty text.
    """
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1, cutoff=_ALIKE)
    return f"Did you mean {before + close[0]!r}? " if close else ""
