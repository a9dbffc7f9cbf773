"""Typed access to members of what people write (settings, ``apply``), and of attempts.

Documents that ltictl writes itself have the shape of the model: ``ltictl.store.records``.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from ltictl.errors import InvalidValueError

E = TypeVar("E", bound=StrEnum)
_ONLY_TEXT = frozenset({str})
_ONLY_TABLES = frozenset({dict})


@cache
def _by_value(choices: type[E]) -> dict[str, E]:
    return {each.value: each for each in choices}


class Fields:
    """One table of a document.

    Args:
        table: the table.
        name: its name's parts, used in errors; none for the document itself.
    """

    __slots__ = ("_name", "_table")

    def __init__(self, table: Mapping[str, Any], *name: str) -> None:
        self._table = table
        self._name = name

    def _dotted(self, key: str) -> str:
        return ".".join((*self._name, key)).replace(".[", "[")

    def _wrong(self, key: str, wanted: str) -> InvalidValueError:
        problem = f"must be {wanted}" if key in self._table else "is missing"
        return InvalidValueError(self._dotted(key), problem)

    def has(self, key: str) -> bool:
        """Whether the member is there."""
        return key in self._table

    def others(self, known: frozenset[str]) -> dict[str, object]:
        """The members whose names are not among ``known``, taken as they are."""
        return {key: value for key, value in self._table.items() if key not in known}

    def text(self, key: str, default: str | None = None) -> str:
        """A string.

        Raises:
            InvalidValueError: missing without a default, or of another type.
        """
        value = self._table.get(key, default)
        if type(value) is not str:
            raise self._wrong(key, "a string")
        return value

    def integer(self, key: str, default: int) -> int:
        """A whole number.

        Raises:
            InvalidValueError: of another type.
        """
        value = self._table.get(key, default)
        if type(value) is not int:
            raise self._wrong(key, "a whole number")
        return value

    def flag(self, key: str) -> bool:
        """A truth value; false where missing.

        Raises:
            InvalidValueError: of another type.
        """
        value = self._table.get(key, False)
        if type(value) is not bool:
            raise self._wrong(key, "true or false")
        return value

    def holds_texts(self, key: str) -> bool:
        """Whether the member is a list whose first entry, if any, is a string."""
        value = self._table.get(key)
        return isinstance(value, list) and (not value or isinstance(value[0], str))

    def choice(self, key: str, choices: type[E], default: E | None = None) -> E:
        """One of a closed set.

        Raises:
            InvalidValueError: missing without a default, or not in the set.
        """
        if default is not None and key not in self._table:
            return default
        found: E | None = _by_value(choices).get(self.text(key))
        if found is None:
            raise self._wrong(key, f"one of {', '.join(choices)}")
        return found

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of strings.

        Raises:
            InvalidValueError: of another type.
        """
        if key not in self._table:
            return default
        value = self._table[key]
        if type(value) is not list or not set(map(type, value)) <= _ONLY_TEXT:
            raise self._wrong(key, "a list of strings")
        return tuple(value)

    def strings(self, key: str) -> dict[str, str]:
        """A table whose values are strings; empty where missing.

        Raises:
            InvalidValueError: of another type.
        """
        value = self._table.get(key, {})
        if not isinstance(value, dict) or not all(type(item) is str for item in value.values()):
            raise self._wrong(key, "a table of strings")
        return value

    def table(self, key: str) -> "Fields":
        """A table; empty where missing.

        Raises:
            InvalidValueError: of another type.
        """
        value = self._table.get(key, {})
        if type(value) is not dict:
            raise self._wrong(key, "a table")
        return Fields(value, *self._name, key)

    def tables(self, key: str) -> list["Fields"]:
        """A list of tables; empty where missing.

        Raises:
            InvalidValueError: of another type.
        """
        value = self._table.get(key, [])
        if type(value) is not list or not set(map(type, value)) <= _ONLY_TABLES:
            raise self._wrong(key, "a list of tables")
        return [Fields(item, *self._name, key, f"[{at}]") for at, item in enumerate(value)]

    def nested_tables(self, key: str) -> dict[str, dict[str, object]]:
        """A table of tables, taken as it is; empty where missing.

        Raises:
            InvalidValueError: of another type.
        """
        value = self._table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            raise self._wrong(key, "a table of tables")
        return value
