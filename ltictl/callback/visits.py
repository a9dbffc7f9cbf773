"""The visits of one run, each at an address without secrets: what the LMS sent stays in memory."""

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from ltictl.callback.desk import Result, Visitor
from ltictl.callback.opened_url import OpenedUrl

if TYPE_CHECKING:
    from concurrent.futures import Future

# For each invitation, so that no holder of one can push out the visits of another.
_MOST: Final = 20


class Visit(Struct, eq=False):
    """One opening of the page by an LMS; it remembers how it ended.

    Attributes:
        id: its address, which cannot be guessed.
        invitation: id.
        opened: what the LMS sent, secrets included.
        program: name of a program that came instead of a browser, else empty.
        opening: the look at the LMS, which happens once; ``None`` before, and after a failure.
        outcome: how its registration ends, ``None`` before Register was pressed.
        ended: how it ended without a registration.
        lock: held while one form of it is acted upon.
    """

    id: str
    invitation: str
    opened: OpenedUrl
    program: str = ""
    opening: "asyncio.Future[Visitor] | None" = None
    outcome: "Future[Result] | None" = None
    ended: Result | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody has pressed a button that counts."""
        return self.outcome is None and self.ended is None

    @property
    def is_under_way(self) -> bool:
        """Whether its registration goes on."""
        return self.outcome is not None and not self.outcome.done()


class Visits:
    """All visits that still have an address."""

    def __init__(self) -> None:
        self._by_id: dict[str, Visit] = {}
        self._by_invitation: dict[str, dict[OpenedUrl, Visit]] = {}

    def get(self, identifier: str) -> Visit | None:
        """The visit at an address."""
        return self._by_id.get(identifier)

    def enter(self, invitation: str, opened: OpenedUrl, program: str) -> Visit:
        """The visit for one opening: the same one whenever the LMS opens the same URL again."""
        known = self._by_invitation.setdefault(invitation, {})
        if opened not in known:
            self._make_place(known)
            visit = Visit(secrets.token_urlsafe(24), invitation, opened, program)
            known[opened] = self._by_id[visit.id] = visit
        return known[opened]

    def _make_place(self, known: dict[OpenedUrl, Visit]) -> None:
        if len(known) < _MOST:
            return
        settled = (each for each in known.values() if not each.is_under_way)
        oldest = next(settled)  # an invitation has one registration at a time
        del known[oldest.opened], self._by_id[oldest.id]
