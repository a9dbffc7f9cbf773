"""Entries of the log as rows, lines and JSON."""

import json
from collections.abc import Iterator
from typing import Any, Final

from ltictl.model.moment import rfc3339
from ltictl.operations.log.check_log import LogFindings
from ltictl.operations.log.entries import LogEntry, LoggedChange

HEADINGS: Final = ["At", "Who", "Action", "What", "Outcome"]
_SHOWN_MEMBERS: Final = 4
_SHOWN_CHANGES: Final = 3
_LONGEST: Final = 60


def entry_row(entry: LogEntry, at: str) -> list[str]:
    """Return the cells of one entry."""
    return [
        at,
        entry.author.in_words,
        entry.action,
        _changes_in_words(entry),
        _outcome_in_words(entry),
    ]


def entry_line(entry: LogEntry) -> str:
    """Return one entry on one line."""
    return "  ".join(filter(None, entry_row(entry, rfc3339(entry.at))))


def entry_json(entry: LogEntry) -> str:
    """Return one entry as a line of JSON."""
    return json.dumps(entry_view(entry))


def entry_view(entry: LogEntry) -> dict[str, Any]:
    """Return one entry for JSON."""
    author = entry.author
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "action": entry.action,
        "author": {
            "name": author.name,
            "user": author.user,
            "host": author.host,
            "job": author.job,
        },
        "command": author.command,
        "outcome": entry.outcome.value,
        "error": entry.error,
        "hook": entry.hook,
        "integrations": list(entry.integrations),
        "changes": [_change_view(each) for each in entry.changes],
    }


def _change_view(change: LoggedChange) -> dict[str, Any]:
    members = {
        name: {"before": before, "after": after} for name, (before, after) in change.members.items()
    }
    return {
        "document": change.document,
        "what": change.what,
        "organization": change.organization,
        "made": change.made,
        "members": members,
    }


def findings_view(found: LogFindings) -> dict[str, Any]:
    """Return the result of a check for JSON."""
    return {
        "lines": found.lines,
        "entries": found.entries,
        "head": found.head,
        "broken": list(found.broken),
        "open": [each.entry for each in found.open],
        "erasures": [
            {"at": each.at, "author": each.author, "alias": each.alias, "lines": len(each.bodies)}
            for each in found.erasures
        ],
        "untold": [
            {
                "document": each.document,
                "member": each.member,
                "told": each.logged,
                "found": each.found,
            }
            for each in found.unlogged
        ],
    }


def findings_lines(found: LogFindings) -> Iterator[str]:
    """Return the result of a check, line by line."""
    yield f"{found.entries} entries in {found.lines} lines"
    if found.head:
        yield f"head {found.head}"
    yield from found.broken
    for erasure in found.erasures:
        yield f"{erasure.author} erased an organization at {erasure.at}: now {erasure.alias}"
    for opened in found.open:
        yield f"The entry {opened.entry} of {opened.at} has no outcome yet."
    for each in found.unlogged:
        what = f": {each.member} is {_value(each.found)}, the log says {_value(each.logged)}"
        yield f"{each.document}{what if each.member else ' is gone without an entry'}"
    if found.open or found.unlogged:
        yield "To add what is missing: ltictl log --complete"


def _outcome_in_words(entry: LogEntry) -> str:
    words = [entry.outcome.value]
    words += [f"({entry.error})"] if entry.error else []
    words += ["hook failed"] if entry.hook not in {"", "done"} else []
    return " ".join(words)


def _changes_in_words(entry: LogEntry) -> str:
    if not entry.changes:
        return ", ".join(entry.integrations)
    descriptions = list(dict.fromkeys(map(_change_in_words, entry.changes)))
    return "; ".join(descriptions[:_SHOWN_CHANGES]) + _more(len(descriptions), _SHOWN_CHANGES)


def _change_in_words(change: LoggedChange) -> str:
    kind = change.document.partition("/")[0]
    subject = change.name if kind in {"integrations", "organizations"} else change.document
    unmade = " (not made)" if change.made is False else ""
    if change.what != "changed" or not change.members:  # an erasure takes the members
        return f"{subject} {change.what}{unmade}"
    members = [
        f"{name} {_value(before)} → {_value(after)}"
        for name, (before, after) in list(change.members.items())[:_SHOWN_MEMBERS]
    ]
    return f"{subject}: {', '.join(members)}{_more(len(change.members), _SHOWN_MEMBERS)}{unmade}"


def _more(count: int, shown: int) -> str:
    return f" and {count - shown} more" if count > shown else ""


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
