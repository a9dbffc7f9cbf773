"""The page of a visit in each of its states: a refused link, the question, the result."""

import asyncio
import time
from typing import Final

from starlette.responses import Response

from ltictl.callback.desk import Desk, Outcome, Result, UnusableLinkError, Visitor
from ltictl.callback.form_state import FormState
from ltictl.callback.languages import speaking
from ltictl.callback.pages import Pages
from ltictl.callback.texts import text
from ltictl.callback.visits import Visit
from ltictl.errors import LtictlError

# Addresses of the one page that strangers see; by whether an LMS opened it.
UNUSABLE: Final = ("unusable", "unusable-in-lms")


class VisitPages:
    """Chooses the page that a visit gets now.

    Args:
        desk: decides about each visitor.
        pages: renders the pages.
        states: signs the state of each form.
    """

    def __init__(self, desk: Desk, pages: Pages, states: FormState) -> None:
        self._desk = desk
        self._pages = pages
        self._states = states

    async def present(self, visit: Visit) -> Response:
        """Return the page of a visit, in its language."""
        with speaking(visit.language):
            return await self._page_of(visit)

    async def _page_of(self, visit: Visit) -> Response:
        # The outcome first: a reload of a finished visit shows it, and asks the LMS nothing.
        ended = await self._wait_for_result(visit)
        if ended is not None:
            return self._pages.result(ended, visit=visit.id)
        refusal = await self._refusal(visit) if visit.opening is None else None
        if refusal is not None:
            return refusal
        if not visit.opened.configuration_url:
            return await self._answer_click(visit)
        try:
            await self.visitor(visit)
        except LtictlError as error:
            return self._pages.failure(error)
        return await self.confirmation(visit)

    async def _wait_for_result(self, visit: Visit) -> Result | None:
        if visit.outcome is not None:
            # Shielded: a closed tab cancels this handler, and must not cancel the registration.
            return await asyncio.shield(asyncio.wrap_future(visit.outcome))
        return visit.ended

    async def _refusal(self, visit: Visit) -> Response | None:
        """Return the page of a link that cannot be used any more, ``None`` where it can."""
        framed = bool(visit.opened.configuration_url)
        try:
            admission = await asyncio.to_thread(self._desk.admit, visit.opened.token)
        except UnusableLinkError:
            return self.unusable(UNUSABLE[framed])
        except LtictlError as error:
            return self._pages.failure(error, status=503)
        if admission.problem is None:
            return None
        return self._pages.failure(admission.problem, status=410, closable=framed)

    async def _answer_click(self, visit: Visit) -> Response:
        example = await asyncio.to_thread(self._desk.note_click, visit.invitation)
        clicked = Result(
            Outcome.FAILED,
            text("clicked"),
            text("clicked_why"),
            text("clicked_fix", example=example),
            title=text("title_clicked"),
        )
        return self._pages.result(clicked, status=400)

    async def visitor(self, visit: Visit) -> Visitor:
        """Return the visitor, and fetch the LMS's configuration the first time.

        Raises:
            LtictlError: the LMS cannot be used.
        """
        # A reload joins the first look: some LMSs serve their configuration only once.
        opening = visit.opening
        if opening is None:
            opened = visit.opened
            opening = visit.opening = asyncio.ensure_future(
                self._desk.open(
                    visit.invitation,
                    opened.configuration_url,
                    opened.registration_token,
                    visit.program,
                )
            )
        try:
            # A closed tab cancels this handler, but not the request that another one waits for.
            return await asyncio.shield(opening)
        except LtictlError:
            # The LMS may be reachable at the next reload. Of two handlers that waited, the second
            # one may find a newer look here, which stays.
            if visit.opening is opening:
                visit.opening = None
            raise

    async def confirmation(
        self, visit: Visit, organization: str = "", *, typed: str = "", problem: str = ""
    ) -> Response:
        """Return the page that asks a person to register.

        Args:
            visit: the visit.
            organization: the chosen organization, empty before a choice.
            typed: the unknown name that a person typed.
            problem: the fault of the form, empty for none.

        Raises:
            LtictlError: the LMS cannot be used.
        """
        visitor = await self.visitor(visit)
        offer = visitor.offer
        fixed = "" if offer.organization == "" else visitor.organization("")
        chosen = organization or fixed
        earlier = await asyncio.to_thread(visitor.earlier, chosen) if chosen else ()
        return self._pages.confirm(
            offer,
            visit=visit.id,
            state=self._states.sign(visit.id, time.time()),
            chosen=chosen or typed,
            earlier=earlier,
            problem=problem,
        )

    def unusable(self, address: str) -> Response:
        """Return the page of a link that opens nothing, the same for every reason.

        Args:
            address: one of ``UNUSABLE``.
        """
        result = Result(
            Outcome.FAILED,
            text("unusable"),
            fix=text("ask_makers"),
            title=text("title_unusable"),
        )
        # Only where an LMS opened the page is there a frame that it may close.
        return self._pages.result(result, status=404, closable=address == UNUSABLE[True])
