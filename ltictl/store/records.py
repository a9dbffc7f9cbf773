"""Documents and the records that they describe, member by member: the model is their schema."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.moment import check_moment
from ltictl.store.folder import Document

R = TypeVar("R", bound=Struct)
_TOML_KNOWS = (datetime,)
_MISSING = "Object missing required field `"


def document_of(record: Struct, *without: str) -> Document:
    """The document of a record: its members by name, but those that are empty by default.

    Args:
        record: of the model.
        without: members that stand elsewhere, such as the one that names the file.
    """
    names = record.__struct_fields__
    # Members with a default are the last ones.
    defaults = dict(zip(reversed(names), reversed(record.__struct_defaults__), strict=False))
    members = {name: getattr(record, name) for name in names if name not in without}
    return {
        name: _plain(value)
        for name, value in members.items()
        if name not in defaults or value or value != defaults[name]
    }


def _plain(value: object) -> object:
    """A value of a record in the types that TOML and JSON have."""
    if isinstance(value, Struct):
        return document_of(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value


def record_of(kind: type[R], members: Mapping[str, object]) -> R:
    """The record that a document describes; what the model does not know in it is passed over.

    Args:
        kind: of which kind, a frozen struct of the model.
        members: the document, and what it is named by.

    Raises:
        InvalidValueError: a member is missing, of another type, or breaks a rule of the model.
    """
    try:
        record = msgspec.convert(members, kind, builtin_types=_TOML_KNOWS)
    except msgspec.ValidationError as error:
        raise _worded(str(error)) from error
    for name, value in members.items():
        if type(value) is datetime and name in kind.__struct_fields__:
            check_moment(value, name)
    return record


def _worded(told: str) -> InvalidValueError:
    """Translate an error of msgspec: "Expected `str`, got `int` - at `$.platform.issuer`"."""
    problem, _, path = told.partition(" - at `$")
    place = path.strip(".`")
    if problem.startswith(_MISSING):
        member = problem.removeprefix(_MISSING).removesuffix("`")
        return InvalidValueError(f"{place}.{member}" if place else member, "is missing")
    said = problem[:1].lower() + problem[1:].replace("`", "'")
    return InvalidValueError(place or "the document", f"is wrong: {said}")
