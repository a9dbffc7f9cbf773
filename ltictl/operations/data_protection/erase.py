"""Erase everything that the profile holds on one organization."""

from typing import Final

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.model.hint import hint
from ltictl.model.integration import Status
from ltictl.model.quantity import counted
from ltictl.operations.changes import Action
from ltictl.operations.context import Context
from ltictl.operations.data_protection.organization_data import OrganizationData, gather_data
from ltictl.operations.hooks import require_hook, run_hook
from ltictl.operations.organizations import require_settled_everywhere
from ltictl.store.holdings import Holdings
from ltictl.store.log.erasure import erasing, traced_lines
from ltictl.store.log.pseudonyms import Traces
from ltictl.store.removed import clear

# What goes late: by the ids of integrations the next run finds what belongs to them.
_NAMED: Final = ("integrations/", "invitations/")
_RANKS: Final = {"integrations": 1, "organizations": 2}


class PlannedErasure(Struct, frozen=True):
    """The parts that an erasure erases and keeps.

    Attributes:
        holdings: everything that goes.
        traces: the names that go from the log.
        lines: how many lines of the log get a pseudonym.
        kept: what stays and why, one sentence each.
    """

    holdings: Holdings
    traces: Traces
    lines: int
    kept: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that goes, within the profile."""
        return self.holdings.names


def plan_erasure(context: Context, slug: str) -> PlannedErasure:
    """Return what ``erase_organization`` would do; nothing is changed.

    Raises:
        NotFoundError: nothing is held on it.
        UnreadableError: a document that may be the organization's is damaged.
        NeedsRecoveryError: a registration of it was cut off; the LMS may have made a tool.
        LtictlError: ``organization_in_use``: the application serves an integration of it.
    """
    data = gather_data(context, slug)
    holdings, traces = data.holdings, _traces(data)
    for error in holdings.damaged:
        raise error
    require_settled_everywhere(context, slug)
    _require_idle(context, holdings)
    lines = traced_lines(context.profile, traces)
    return PlannedErasure(holdings, traces, lines, _what_stays(context, holdings))


def erase_organization(context: Context, slug: str) -> tuple[PlannedErasure, str]:
    """Erase everything on an organization; a run that was cut off is completed by another one.

    Returns:
        The erased parts, and the pseudonym in the log.

    Raises:
        LtictlError: as ``plan_erasure``; or something could not be written.
    """
    # Before anything goes: the application still has a copy, and only the hook tells it.
    require_hook(context)
    planned = plan_erasure(context, slug)
    # The log goes first. While documents are left, ``org list`` shows the organization, so that a
    # person runs an erasure once more that was cut off.
    with erasing(context.profile, planned.traces) as alias:
        _erase_documents(context, planned.holdings)
    served = [name for kind, name in _places(planned.holdings) if kind == "integrations"]
    # The application's copy still has them.
    warning = run_hook(context, Action.ERASE, served) if served else None
    if warning is not None:
        context.warn(warning)
    return planned, alias


def _erase_documents(context: Context, holdings: Holdings) -> None:
    for name in holdings.aside:
        context.profile.attempts.drop_aside(name)
    for attempt in holdings.attempts:
        context.profile.attempts.discard_unsent(attempt.id)
    for each in sorted(holdings.documents, key=lambda each: _RANKS.get(_kind(each.path), 0)):
        clear(context.profile, each.path)


def _places(holdings: Holdings) -> list[tuple[str, str]]:
    """Return kind and name of each document that was not removed."""
    paths = [each.path.split("/") for each in holdings.documents]
    return [(path[0], path[1]) for path in paths if len(path) == 2]  # noqa: PLR2004  a pair


def _kind(path: str) -> str:
    return path.split("/")[-2]


def _traces(data: OrganizationData) -> Traces:
    """Return the names in the documents, and in what the log tells of documents that are gone."""
    paths = {each.path for each in data.holdings.documents if each.path.startswith(_NAMED)}
    paths |= {change.document for entry in data.entries for change in entry.changes}
    names = {path.rpartition("/")[2] for path in paths}
    return Traces(data.holdings.slug, data.holdings.integrations | names | {data.holdings.slug})


def _require_idle(context: Context, holdings: Holdings) -> None:
    active = [
        each
        for each in sorted(holdings.integrations)
        if context.profile.integrations.exists(each)
        and context.profile.integrations.get(each).status is Status.ACTIVE
    ]
    if active:
        raise LtictlError(
            "organization_in_use",
            f"The organization {holdings.slug!r} has {counted(len(active), 'active integration')}.",
            why="Your application serves them, and their LMSs launch the tool.",
            fix=f"Stop serving them first, then export again: {hint('deactivate', *active)}",
            data={"integrations": active},
        )


def _what_stays(context: Context, holdings: Holdings) -> tuple[str, ...]:
    sentences = [
        "Signing keys: they belong to the tool, and every school uses the same.",
        "The log without the names: times, authors and kinds of change prove that it is whole.",
    ]
    hosts = sorted(
        {
            str(each.members["platform"].get("issuer", ""))
            for each in holdings.documents
            if each.path.startswith("integrations/") and "platform" in each.members
        }
    )
    if hosts:
        sentences.append(f"The tool in {', '.join(hosts)}: ask for its deletion there.")
    sentences.append("Backups, git and your application's own copy: delete it there.")
    if context.profile.shared is not None:
        place = context.profile.documents_place
        sentences.append(
            f"Former versions of these documents in {place}, if it keeps any: purge them."
        )
    return tuple(sentences)
