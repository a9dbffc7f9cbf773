"""The parts of a line that may name a school, each under a digest of its own; pure.

The digest of a line covers these digests. A part can therefore be replaced later, and all that
stays of the line (who, when, which kind of change, with what outcome) is still proved.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

_SALTS: Final = "salts"
_REPLACED: Final = "replaced"
_CHANGES: Final = "changes"
_INTEGRATIONS: Final = "integrations"
_COMMAND: Final = "command"
_HOOK: Final = "hook"

Body = dict[str, Any]


def with_salts(body: Body) -> Body:
    """Return a new body whose parts have salts."""
    # Without its salt the digest of a replaced part tells nothing, however short the part was.
    return {**body, _SALTS: {key: os.urandom(16).hex() for key, _ in parts_of(body)}}


def parts_of(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each part with its key."""
    for name in (_CHANGES, _INTEGRATIONS):
        values = body.get(name)
        for at, value in enumerate(values if isinstance(values, list | tuple) else ()):
            yield f"{name}.{at}", value
    author = body.get("author")
    if isinstance(author, Mapping) and _COMMAND in author:
        yield _COMMAND, author[_COMMAND]
    if _HOOK in body:
        yield _HOOK, body[_HOOK]


def body_digest(body: Body) -> str:
    """Return the digest of a body, by the digests of its parts."""
    replaced, salts = table_in(body, _REPLACED), table_in(body, _SALTS)
    parts = dict(parts_of(body))
    # Every key that any of them names: a part that was taken out must change the digest, too.
    keys = {**salts, **replaced, **parts}
    digests = {
        key: replaced[key] if key in replaced else _part_digest(key, salts.get(key), parts.get(key))
        for key in keys
    }
    return digest_of({**_rest(body), "parts": digests})


def replaced_keys(body: Body) -> frozenset[str]:
    """Return the keys of the parts that are said to be replaced."""
    return frozenset(table_in(body, _REPLACED))


def with_parts(body: Body, wanted: Mapping[str, Any]) -> Body:
    """Return a body with some parts replaced, and their former digests in it."""
    replaced, salts = table_in(body, _REPLACED), table_in(body, _SALTS)
    former = {
        # The first digest stays: a part that is replaced twice still proves the line as written.
        key: replaced.get(key) or _part_digest(key, salts.get(key), value)
        for key, value in parts_of(body)
        if key in wanted
    }
    changed = {**body, _REPLACED: {**replaced, **former}}
    # The salt goes with the part: with it, a short name could be guessed from the digest.
    changed[_SALTS] = {key: salt for key, salt in salts.items() if key not in wanted}
    for name in (_CHANGES, _INTEGRATIONS):
        if name in body:
            values = enumerate(body[name])
            changed[name] = [wanted.get(f"{name}.{at}", value) for at, value in values]
    if _COMMAND in wanted:
        changed["author"] = {**body["author"], _COMMAND: wanted[_COMMAND]}
    if _HOOK in wanted:
        changed[_HOOK] = wanted[_HOOK]
    return changed


def digest_of(value: object) -> str:
    """Return the digest of a JSON value, in any order of its members."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def table_in(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that is a table, empty where it is none."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _rest(body: Body) -> Body:
    """Return what nobody may replace: the members beside the parts, and the kinds of change."""
    rest = {name: value for name, value in body.items() if name not in {_SALTS, _REPLACED}}
    author = rest.get("author")
    if isinstance(author, Mapping):
        rest["author"] = {name: value for name, value in author.items() if name != _COMMAND}
    rest.pop(_HOOK, None)
    for name in (_CHANGES, _INTEGRATIONS):
        if isinstance(rest.get(name), list | tuple):
            rest[name] = list(_kinds(rest[name]))
    return rest


def _kinds(values: Iterable[Any]) -> Iterator[str]:
    for each in values:
        yield str(each.get("what", "")) if isinstance(each, Mapping) else ""


def _part_digest(key: str, salt: Any, value: Any) -> str:
    return digest_of([key, salt, value])
