"""Integrations as rows of a table, with the columns and the order that a person chooses."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from ltictl.cli.render.output import Output
from ltictl.errors import UsageError
from ltictl.model.integration import Integration
from ltictl.model.moment import rfc3339
from ltictl.model.suggestion import did_you_mean
from ltictl.platforms.table import family_of

_Fact = Callable[[Integration], str | datetime | None]


class _Column(Struct, frozen=True):
    heading: str
    fact: _Fact


# The name that --columns and --sort take -> the heading and the content.
_COLUMNS: Final = {
    "id": _Column("ID", lambda each: each.id),
    "organization": _Column("Organization", lambda each: each.organization),
    "status": _Column("Status", lambda each: each.status.value),
    "lms": _Column("LMS", lambda each: family_of(each.platform.family).title),
    "host": _Column("Host", lambda each: each.platform.host),
    "client_id": _Column("Client ID", lambda each: each.client_id),
    "deployments": _Column("Deployments", lambda each: ",".join(d.id for d in each.deployments)),
    "created": _Column("Created", lambda each: each.created_at),
    "activated": _Column("Activated", lambda each: each.activated_at),
    "verified": _Column("Verified", lambda each: each.verified_at),
    "updated": _Column("Updated", lambda each: each.updated_at),
    "version": _Column("Version", lambda each: each.platform.version),
    "school": _Column("School", lambda each: each.platform.name),
    "issuer": _Column("Issuer", lambda each: each.platform.issuer),
    "problems": _Column("Problems", lambda each: "; ".join(each.problems)),
}
USUAL: Final = (
    *("id", "organization", "status", "lms"),
    *("host", "client_id", "deployments", "created"),
)


def column_names(text: str, option: str) -> tuple[str, ...]:
    """Return the names of columns in ``text``, which commas separate.

    Raises:
        UsageError: there is no such column.
    """
    names = tuple(
        name.strip().lower().replace("-", "_") for name in text.split(",") if name.strip()
    )
    for name in names:
        if name not in _COLUMNS:
            raise UsageError(
                "usage",
                f"{option} names no column: {name[:40]!r}.",
                fix=f"{did_you_mean(name, _COLUMNS)}Columns: {', '.join(_COLUMNS)}.",
            )
    return names


def sorted_by(integrations: Sequence[Integration], text: str) -> Sequence[Integration]:
    """Return ``integrations`` in the order of a column; ``-created`` begins with the newest.

    Raises:
        UsageError: there is no such column.
    """
    (name,) = column_names(text.removeprefix("-"), "--sort")[:1] or ("id",)
    fact = _COLUMNS[name].fact

    def key(integration: Integration) -> tuple[bool, str]:
        value = fact(integration)
        text = rfc3339(value) if isinstance(value, datetime) else (value or "")
        return not text, text.lower()

    return sorted(integrations, key=key, reverse=text.startswith("-"))


def integration_rows(
    integrations: Sequence[Integration],
    output: Output,
    now: datetime,
    columns: Sequence[str] = USUAL,
) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a table.

    Args:
        integrations: the integrations to show.
        output: the stream's owner; a person reads times as ages.
        now: the present time.
        columns: names of ``_COLUMNS``.
    """
    chosen = [_COLUMNS[name] for name in columns]
    rows = [[_cell(column.fact(each), output, now) for column in chosen] for each in integrations]
    return [column.heading for column in chosen], rows


def _cell(value: str | datetime | None, output: Output, now: datetime) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if output.shows_ages:
        return output.moment(value, now)
    return rfc3339(value).partition("T")[0]
