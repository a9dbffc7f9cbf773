"""The outcome of an entry, read from the documents where its process cannot tell any more."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ltictl.errors import LtictlError
from ltictl.store.folder import MissingError
from ltictl.store.log.differences import told_members
from ltictl.store.log.lines import Line

if TYPE_CHECKING:
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.folder import Folder


class Outcome(StrEnum):
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


def is_made(documents: "Folder | Bucket", change: Mapping[str, Any]) -> bool:
    """Return whether a change is made, as the document now stands; not where it cannot be read."""
    try:
        document, _ = documents.read(change["document"])
    except MissingError:
        return bool(change["what"] == "removed")
    except LtictlError:
        return False
    if change["what"] == "removed":
        return False
    now = told_members(document)
    wanted = {name: after for name, (_, after) in change["members"].items()}
    return all(now.get(name) == after for name, after in wanted.items())
