"""Asserts the properties that every refusal must have."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ltictl.errors import LtictlError


def require_words(error: "LtictlError") -> None:
    """An error is words that any terminal, file or JSON can hold."""
    assert error.message
    for part in (error.message, error.why, error.fix):
        part.encode()
