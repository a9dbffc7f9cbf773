"""The visits of one run, each at an address without secrets."""

import asyncio
import secrets
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from ltictl.callback.desk import Result, Visitor
from ltictl.callback.languages import ENGLISH
from ltictl.callback.opened_url import OpenedUrl

if TYPE_CHECKING:
    from concurrent.futures import Future

# For each invitation, so that no holder of one can push out the visits of another.
_MOST: Final = 20
# Of all invitations together, beyond which those go that nobody needs any more: a service runs for
# years, and each visit holds what its LMS announced.
_ENOUGH: Final = 500
# No LMS's registration token lives longer.
_LONG_AGO: Final = timedelta(days=1).total_seconds()


# In memory alone: the configuration's URL and the token are secrets.
class Visit(Struct, eq=False):
    """One opening of the page by an LMS, and its outcome.

    Attributes:
        id: its address, which cannot be guessed.
        invitation: id.
        opened: the parameters that the LMS sent, secrets included.
        program: name of a program that came instead of a browser, else empty.
        opening: the request for the LMS's configuration, ``None`` before it and after a failure.
        outcome: the future result, ``None`` before a person pressed Register.
        ended: the result of a visit that ended without a registration.
        lock: held while one form is carried out.
        entered: the time of entry in seconds of ``time.monotonic``.
        language: tag of the language of its pages.
    """

    id: str
    invitation: str
    opened: OpenedUrl
    program: str = ""
    opening: "asyncio.Future[Visitor] | None" = None
    outcome: "Future[Result] | None" = None
    ended: Result | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    entered: float = field(default_factory=time.monotonic)
    language: str = ENGLISH

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody has pressed a button that counts."""
        return self.outcome is None and self.ended is None

    @property
    def is_under_way(self) -> bool:
        """Whether its registration goes on."""
        return self.outcome is not None and not self.outcome.done()

    @property
    def is_past(self) -> bool:
        """Whether it has ended, or its LMS would no longer accept an answer."""
        if self.is_unanswered:
            return time.monotonic() - self.entered > _LONG_AGO
        return not self.is_under_way


class Visits:
    """All visits that still have an address."""

    def __init__(self) -> None:
        self._by_id: dict[str, Visit] = {}
        self._by_invitation: dict[str, dict[OpenedUrl, Visit]] = {}

    def get(self, identifier: str) -> Visit | None:
        """Return the visit at an address, ``None`` if there is none."""
        return self._by_id.get(identifier)

    def enter(self, invitation: str, opened: OpenedUrl, program: str) -> Visit:
        """Return the visit of an opened URL, the same one at each reload."""
        known = self._by_invitation.get(invitation, {})
        if opened in known:
            return known[opened]
        self._make_place(known)
        self._forget_past()
        visit = Visit(secrets.token_urlsafe(24), invitation, opened, program)
        self._by_id[visit.id] = visit
        self._by_invitation.setdefault(invitation, {})[opened] = visit
        return visit

    def _make_place(self, known: dict[OpenedUrl, Visit]) -> None:
        if len(known) < _MOST:
            return
        # Never the one whose request is on its way: its page shows the outcome.
        settled = (each for each in known.values() if not each.is_under_way)
        oldest = next(settled)  # an invitation has one registration at a time
        self._forget(oldest)

    def _forget_past(self) -> None:
        if len(self._by_id) < _ENOUGH:
            return
        oldest = next((each for each in self._by_id.values() if each.is_past), None)
        if oldest is not None:
            self._forget(oldest)

    def _forget(self, visit: Visit) -> None:
        known = self._by_invitation[visit.invitation]
        del known[visit.opened], self._by_id[visit.id]
        if not known:
            del self._by_invitation[visit.invitation]
