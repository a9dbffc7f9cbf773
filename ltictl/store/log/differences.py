"""The difference between two states of a document, member by member, as the log tells it; pure."""

import hashlib
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any, Final

import msgspec

from ltictl.model.moment import rfc3339

# They change with every write or every look, or are no business of a reader.
_UNTOLD: Final = frozenset(
    {
        *("schema", "write", "log", "updated_at", "verified_at", "exported_at", "unannounced"),
        *("handed_on_at", "secret_sha256", "token_sha256", "answer", "request", "n", "e"),
    }
)
_LONGEST: Final = 2000  # characters of a value as JSON
_SHOWN: Final = 200

Members = dict[str, list[Any]]


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Members:
    """Return the members that differ: dotted name -> the value before and the value after.

    Args:
        before: the former state, ``None`` for a new document.
        after: the state that is to be, ``None`` for a document that goes.
    """
    old, new = logged_members(before), logged_members(after)
    names = dict.fromkeys((*old, *new))
    return {
        name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)
    }


def change_between(
    path: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return the change of a document as a line tells it, ``None`` where no member differs."""
    members = differences(before, after)
    # A new or a removed document is a change even without a member that the log tells.
    if not members and before is not None and after is not None:
        return None
    what = "added" if before is None else "removed" if after is None else "changed"
    kind, _, name = path.partition("/")
    state: Mapping[str, Any] = after or before or {}
    organization = name if kind == "organizations" else str(state.get("organization") or "")
    return {"document": path, "what": what, "organization": organization, "members": members}


def logged_members(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the members of a document by dotted name, with values that JSON has."""
    return {} if document is None else _flat(document, "")


def _flat(table: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        if name in _UNTOLD:
            continue
        if isinstance(value, Mapping):
            found |= _flat(value, f"{place}{name}.")
        else:
            found[f"{place}{name}"] = _shortened(value)
    return found


def _shortened(value: object) -> Any:
    plain = _plain(value)
    text = msgspec.json.encode(plain, order="sorted")
    if len(text) <= _LONGEST:
        return plain
    # Enough to see what it was, and to compare it.
    beginning = text[:_SHOWN].decode("utf-8", "ignore")
    return {"begins": beginning, "length": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        # A person may have edited the document: TOML has times without offset, and of any year.
        plain = value.tzinfo is not None and MINYEAR < value.year < MAXYEAR
        return rfc3339(value) if plain else value.isoformat()
    if isinstance(value, Mapping):
        shown = {name: each for name, each in value.items() if name not in _UNTOLD}
        return {name: _plain(each) for name, each in shown.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
