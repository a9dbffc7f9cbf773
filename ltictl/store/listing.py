"""The entries of one kind of documents, the readable and the damaged ones."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec import Struct

from ltictl.errors import UnreadableError

T = TypeVar("T", bound=Struct)


# Errors beside the entries: one damaged file must not hide the others.
class Listing(Struct, Generic[T], frozen=True):
    """The readable entries of one kind, and the errors of the damaged ones."""

    items: tuple[T, ...]
    damaged: tuple[UnreadableError, ...] = ()

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)
