"""Read the log: everything, or what concerns one thing, from a moment on."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.duration import parse_duration
from ltictl.model.moment import check_moment
from ltictl.operations.context import Context
from ltictl.operations.log.entries import LogEntry, entries_of
from ltictl.store.log.lines import Line
from ltictl.store.log.outcome import EntryOutcome

_SHOWN_BEFORE: Final = 10  # as of 'tail'
_EVERY_SECONDS: Final = 1.0


class Question(Struct, frozen=True):
    """The entries that are asked for.

    Attributes:
        name: of an integration, an organization, an invitation or a key; empty for all.
        organization: a slug, empty for all.
        action: the beginning of an action, empty for all.
        since: the earliest moment, ``None`` for the beginning.
    """

    name: str = ""
    organization: str = ""
    action: str = ""
    since: datetime | None = None

    def asks_for(self, entry: LogEntry) -> bool:
        """Return whether an entry is one of them."""
        return (
            (not self.name or entry.concerns(self.name))
            and (not self.organization or entry.concerns_organization(self.organization))
            and entry.action.startswith(self.action)
            and (self.since is None or entry.at >= self.since)
        )


def read_history(context: Context, question: Question) -> tuple[list[LogEntry], int]:
    """Return the entries that are asked for, oldest first, and the number of damaged lines.

    Raises:
        NotFoundError: neither the log nor the profile knows such a thing.
        LtictlError: the log cannot be read.
    """
    context.profile.require()
    lines: list[Line] = []
    damaged = 0
    for _, line in context.profile.log.lines():
        if line is None:
            damaged += 1
        else:
            lines.append(line)
    found = [each for each in entries_of(lines) if question.asks_for(each)]
    if not found:
        _require_known(context, question)
    return found, damaged


def follow_history(
    context: Context, question: Question, pause: Callable[[float], object] = time.sleep
) -> Iterator[LogEntry]:
    """Yield the last entries that are asked for, then each new one with its outcome, without end.

    Raises:
        LtictlError: the log cannot be read.
    """
    before, _ = read_history(context, question)
    settled = [each for each in before if each.outcome is not EntryOutcome.UNKNOWN]
    yield from settled[-_SHOWN_BEFORE:]
    shown = {each.id for each in settled}
    known: list[Line] = []
    while True:
        known += context.profile.log.unread()
        settled = [each for each in entries_of(known) if each.outcome is not EntryOutcome.UNKNOWN]
        for entry in settled:
            if entry.id not in shown:
                shown.add(entry.id)
                if question.asks_for(entry):
                    yield entry
        ended = {each.id for each in settled}
        # Lines of open entries stay until their outcome comes.
        known = [each for each in known if each.entry not in ended]
        pause(_EVERY_SECONDS)


def parse_since(text: str, now: datetime) -> datetime | None:
    """Return the moment that a person wrote: ``7d`` ago, ``2026-11-01``, or a time; empty for none.

    A time without an offset is UTC, as ltictl shows times.

    Raises:
        InvalidValueError: it is neither.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now - _ago(text)
    return check_moment(moment if moment.tzinfo else moment.replace(tzinfo=UTC), "--since")


def _ago(text: str) -> timedelta:
    try:
        return parse_duration(text, "--since")
    except InvalidValueError as error:
        raise InvalidValueError(
            "--since",
            f"{text[:40]!r} is neither a duration nor a date",
            fix="Write 7d, 2026-01-31 or 2026-01-31T12:00:00Z.",
        ) from error


def _require_known(context: Context, question: Question) -> None:
    profile, name = context.profile, question.name
    if question.organization:
        profile.organizations.get(question.organization)
    others = (profile.organizations, profile.invitations, profile.signing_keys)
    if name and not any(each.exists(name) for each in others):
        profile.integrations.get(name)
