"""The outcome of an entry, read from the documents where its process cannot tell any more."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ltictl.errors import LtictlError
from ltictl.store.folder import MissingError
from ltictl.store.log.differences import logged_members
from ltictl.store.log.lines import Line

if TYPE_CHECKING:
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.folder import Folder


class EntryOutcome(StrEnum):
    """The outcome of an entry."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"  # not told yet


def changes_in(lines: Iterable[Line], entries: Mapping[str, object]) -> dict[str, list[Any]]:
    """Return the changes that the lines of these entries tell of, by entry."""
    found: dict[str, list[Any]] = {}
    for line in lines:
        if line.entry in entries:
            found.setdefault(line.entry, []).extend(line.body.get("changes", ()))
    return found


def integrations_in(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the integrations that changes are about, each once."""
    paths = (str(each["document"]).partition("/") for each in changes)
    return list(dict.fromkeys(name for kind, _, name in paths if kind == "integrations"))


def is_made(documents: "Folder | Bucket", change: Mapping[str, Any]) -> bool:
    """Return whether a change is made, as the document now stands; not where it cannot be read."""
    try:
        document, _ = documents.read(change["document"])
    except MissingError:
        return bool(change["what"] == "removed")
    except LtictlError:  # a damaged document shows nothing: better doubtful than wrongly made
        return False
    return change["what"] != "removed" and shows(document, change)


def shows(document: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Return whether a document has the members that a change gave it."""
    now = logged_members(document)
    try:
        wanted = {name: after for name, (_, after) in change["members"].items()}
    except (KeyError, AttributeError, TypeError, ValueError):
        return False  # the line was edited by hand
    return all(now.get(name) == after for name, after in wanted.items())
