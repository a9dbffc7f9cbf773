"""Documents as records of the model, which is their schema."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.duration import parse_duration
from ltictl.model.moment import check_moment
from ltictl.model.suggestion import did_you_mean
from ltictl.store.document_text import Document

R = TypeVar("R", bound=Struct)
_PLAIN = (datetime, timedelta)  # not read from text: TOML has the one, parse_duration the other
# The beginning of msgspec's own sentence, which names the member behind it.
_MISSING = "Object missing required field `"
_REST = "extensions"  # the member of a record that keeps what only one LMS knows
_WORDS = {
    "str": "a string",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "datetime": "a time with its offset, such as 2026-01-31T12:00:00Z",
    "duration": "a duration such as 15m",
}


def document_of(record: Struct, *without: str) -> Document:
    """Return a record as a document, without members that have their empty default.

    Args:
        record: a record of the model.
        without: members to leave out, such as the one that names the file.
    """
    names = record.__struct_fields__
    # Members with a default are the last ones.
    defaults = dict(zip(reversed(names), reversed(record.__struct_defaults__), strict=False))
    members = {name: getattr(record, name) for name in names if name not in without}
    return {
        name: _plain(value)
        for name, value in members.items()
        # An empty value is written where the default is not empty: it was chosen.
        if name not in defaults or value or value != defaults[name]
    }


def _plain(value: object) -> object:
    """Return a value of a record in types that TOML and JSON have."""
    if isinstance(value, Struct):
        return document_of(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value


# ``record_of`` passes over unknown members, so that an older version reads the documents of a newer
# one. ``read_table`` refuses them: people misspell members, and a silent default would hide it.
def record_of(kind: type[R], members: Mapping[str, object], place: str = "") -> R:
    """Return the record in a document; unknown members are passed over.

    Args:
        kind: the record's class, a frozen struct of the model.
        members: the document, and the member that names its file.
        place: dotted name of the table in its document, for errors.

    Raises:
        InvalidValueError: a member is missing, of another type, or breaks a rule of the model.
    """
    try:
        record = msgspec.convert(members, kind, builtin_types=_PLAIN)
    except msgspec.ValidationError as error:
        raise _worded(str(error), kind, place) from error
    # msgspec takes times without an offset, and years that no sum of durations may reach.
    for name in _moments(kind):
        value = members.get(name)
        if isinstance(value, datetime):
            check_moment(value, name)
    return record


@cache
def _moments(kind: type[Struct]) -> tuple[str, ...]:
    """Return the members that hold a time."""
    return tuple(name for name, hint in get_type_hints(kind).items() if _is_moment(hint))


def _is_moment(hint: object) -> bool:
    return hint is datetime or datetime in get_args(hint)


def read_table(kind: type[R], table: object, place: str = "", *, rest: bool = False) -> R:
    """Return the record in a table that a person wrote, with durations such as ``15m``.

    Args:
        kind: the record's class; the table may hold its members only.
        table: the value in the document.
        place: dotted name of the table, for errors.
        rest: whether to keep unknown members as ``extensions``.

    Raises:
        InvalidValueError: a member is missing, misspelt, of another type or breaks a rule.
    """
    members: dict[str, Any] = {**check_table(table, place)}
    known = [name for name in kind.__struct_fields__ if name != _REST]
    if rest:
        unknown = {name: members.pop(name) for name in members.keys() - known}
        members[_REST] = unknown
    else:
        refuse_unknown(members, known, place)
    for name, hint in kind.__annotations__.items():
        if hint is timedelta and isinstance(members.get(name), str):
            members[name] = parse_duration(members[name], _dotted(place, name))
    return record_of(kind, members, place)


def check_table(table: object, place: str) -> Mapping[str, Any]:
    """Return a value that must be a table.

    Raises:
        InvalidValueError: it is none.
    """
    if not isinstance(table, Mapping):
        raise InvalidValueError(place, "must be a table")
    return table


def check_tables(tables: object, place: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the dotted name and the content of each table of a list.

    Raises:
        InvalidValueError: it is no list, or holds anything else.
    """
    if not isinstance(tables, list):
        raise InvalidValueError(place, "must be a list of tables")
    names = [f"{place}[{at}]" for at in range(len(tables))]
    return [(name, check_table(each, name)) for name, each in zip(names, tables, strict=True)]


def refuse_unknown(table: Mapping[str, object], known: list[str], place: str) -> None:
    """Refuse an unknown member, and suggest the likeliest known one.

    Raises:
        InvalidValueError: the table has an unknown member.
    """
    for name in table:
        if name not in known:
            fix = f"{did_you_mean(name, known)}Known here: {', '.join(known)}."
            raise InvalidValueError(_dotted(place, name), "is not known", fix=fix)


def _dotted(place: str, name: str) -> str:
    return f"{place}.{name}".lstrip(".")


def _worded(words: str, kind: type[Struct], place: str) -> InvalidValueError:
    """Translate an error of msgspec: "Expected `str`, got `int` - at `$.platform.issuer`"."""
    problem, _, path = words.partition(" - at `$")
    path = path.rstrip("`")
    field = f"{place}{path}".removesuffix("[...]").strip(".") or "the document"
    if problem.startswith(_MISSING):
        member = problem.removeprefix(_MISSING).removesuffix("`")
        return InvalidValueError(_dotted(field.removeprefix("the document"), member), "is missing")
    wanted = problem.partition("`")[2].partition("`")[0].removesuffix(" | null")
    wanted = _WORDS.get(wanted, "") or _choices(kind, path.strip("."))
    every = "must be a table in which each value is" if path.endswith("[...]") else "must be"
    return InvalidValueError(field, f"{every} {wanted}" if wanted else f"is wrong: {problem}")


def _choices(kind: type[Struct], member: str) -> str:
    """Return the values of a member of a closed set, empty for any other member."""
    hint = kind.__annotations__.get(member)
    for each in (hint, *get_args(hint)):
        if isinstance(each, type) and issubclass(each, StrEnum):
            return f"one of {', '.join(each)}"
    return ""
