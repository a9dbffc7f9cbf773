"""Everything that the profile holds on one organization, with its part of the log."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.log.entries import LogEntry, LoggedChange, entries_of
from ltictl.store.holdings import Holdings, holdings_of


class OrganizationData(Struct, frozen=True):
    """The documents on an organization, and the entries of the log that are about it."""

    holdings: Holdings
    entries: tuple[LogEntry, ...]


def gather_data(context: Context, slug: str) -> OrganizationData:
    """Return everything on an organization, also where it was removed; nothing is changed.

    Raises:
        NotFoundError: neither the documents nor the log know it.
        LtictlError: the profile cannot be read.
    """
    context.profile.require()
    holdings = holdings_of(context.profile, slug)
    lines = (line for _, line in context.profile.log.lines() if line)
    entries = tuple(_own_parts(entries_of(lines), holdings))
    # Raises the usual error with its suggestion.
    if holdings.is_empty and not entries:
        context.profile.organizations.get(slug)
    return OrganizationData(holdings, entries)


def _own_parts(entries: Iterable[LogEntry], holdings: Holdings) -> Iterator[LogEntry]:
    """Yield the entries about the organization, without their changes of others."""
    for entry in entries:
        changes = tuple(each for each in entry.changes if _is_own(each, holdings))
        integrations = tuple(each for each in entry.integrations if each in holdings.integrations)
        if not (changes or integrations):
            continue
        author = entry.author
        if (len(changes), len(integrations)) != (len(entry.changes), len(entry.integrations)):
            author = replace(author, command="")  # it may name the other schools
        yield replace(entry, author=author, changes=changes, integrations=integrations)


def _is_own(change: LoggedChange, holdings: Holdings) -> bool:
    # A removed document is gone, so that only the entry knows whose it was.
    if change.organization:
        return change.organization == holdings.slug
    return change.document in {each.path for each in holdings.documents}
