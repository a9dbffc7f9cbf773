"""Replace what a line tells of one organization by a pseudonym; pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from ltictl.store.log.parts import Body, parts_of, with_parts

ERASURE: Final = "erasure"  # the member of a line that says which lines were pseudonymised
_WORD: Final = re.compile(r"[a-z0-9_-]+")


class Traces(Struct, frozen=True):
    """The names by which lines tell of an organization.

    Attributes:
        slug: its slug.
        names: the slug, and the ids of its integrations and invitations.
    """

    slug: str
    names: frozenset[str]


def pseudonymised(body: Body, traces: Traces, alias: str) -> Body | None:
    """Return a body without the traces of an organization, ``None`` where it has none."""
    if ERASURE in body:
        return None  # it names no school
    keys = frozenset(_traced(body, traces))
    return with_parts(body, dict(_aliased(body, keys, alias))) if keys else None


def is_pseudonymous(body: Body, keys: frozenset[str], alias: str) -> bool:
    """Return whether these parts of a body say no more than a pseudonym does."""
    parts = dict(parts_of(body))
    return all(parts.get(key) == wanted for key, wanted in _aliased(body, keys, alias))


def _traced(body: Body, traces: Traces) -> Iterator[str]:
    """Yield the keys of the parts that tell of the organization."""
    parts = dict(parts_of(body))
    changes = {key for key, value in parts.items() if key.startswith("changes.")}
    own = {key for key in changes if _is_own(parts[key], traces)}
    yield from own
    for key, value in parts.items():
        if key in changes:
            continue
        # A command with addresses of the school may not name it.
        if _mentions(value, traces) or (key == "command" and own and own == changes):
            yield key


def _is_own(change: Any, traces: Traces) -> bool:
    if not isinstance(change, Mapping):
        return False
    # A change without an organization, as of a key or a secret, is judged by the id alone.
    organization = change.get("organization")
    if organization:
        return bool(organization == traces.slug)
    return str(change.get("document", "")).partition("/")[2] in traces.names


def _mentions(value: Any, traces: Traces) -> bool:
    text = str(value).lower()
    # Names may hold dots, which addresses hold too.
    return bool(traces.names & {text, *text.split(), *_WORD.findall(text)})


def _aliased(body: Body, keys: frozenset[str], alias: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands in these parts of a body after an erasure."""
    for key, value in parts_of(body):
        if key not in keys:
            continue
        if key.startswith("changes."):
            yield key, _aliased_change(value, alias)
        elif key == "command":
            yield key, f"ltictl {body['author'].get('action', '')} {alias}"
        else:
            yield key, "done" if value == "done" else alias


def _aliased_change(change: Any, alias: str) -> dict[str, Any]:
    members = change if isinstance(change, Mapping) else {}
    kind = str(members.get("document", "")).partition("/")[0]
    return {
        "document": f"{kind}/{alias}",
        "what": members.get("what", ""),
        "organization": alias,
        "members": {},
    }
