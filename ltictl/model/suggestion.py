"""Suggestions for a mistyped name."""

from collections.abc import Iterable

# As difflib has it by default: below that, offered names surprise more than they help.
_ALIKE = 0.6


def likeliest(word: str, known: Iterable[str]) -> str:
    """Return the name that the person probably meant, empty where none is like ``word``."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=_ALIKE)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the first sentence of a ``fix``, which names the likeliest name.

    Args:
        word: the word that the person typed.
        known: the names that exist.

    Returns:
        A sentence and a blank, or an empty text where no name is like ``word``.
    """
    close = likeliest(word, known)
    return f"Did you mean {close!r}? " if close else ""
