"""The routes of the callback server: the requests that it answers, and the page for each."""

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ltictl.callback.desk import Desk, Outcome, Result, UnusableLinkError
from ltictl.callback.doorway import Doorway, spellings
from ltictl.callback.form_state import FormState
from ltictl.callback.guesses import Guesses
from ltictl.callback.languages import choose_language, speaking, spoken
from ltictl.callback.opened_url import OpenedUrl, read_query, whole_query
from ltictl.callback.pages import Pages, problem_of
from ltictl.callback.texts import sentence, text
from ltictl.callback.visit_pages import UNUSABLE, VisitPages
from ltictl.callback.visits import Visit, Visits
from ltictl.errors import LtictlError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_MAX_FORM = 64 * 1024
_FORM_SECONDS = 5.0
_MAX_PROGRAM = 60
_UNUSABLE_SECONDS = 0.2  # longer than any look at an invitation takes
_FORM_TYPE = "application/x-www-form-urlencoded"


class Callback:
    """The application behind the callback server.

    Args:
        desk: decides about each visitor.
        path: path of the page, such as ``/register``.
        doorway: which hosts and origins count as ours.
        ancestors: sources that may frame the pages.
    """

    def __init__(self, desk: Desk, path: str, doorway: Doorway, ancestors: str) -> None:
        self._desk = desk
        self._doorway = doorway
        self._paths: tuple[str, ...] = (path,)
        self._pages = Pages(path, ancestors)
        self._states = FormState()
        self._visit_pages = VisitPages(desk, self._pages, self._states)
        self._visits = Visits()
        self._guesses = Guesses()
        self._guarded = doorway.guard(self._routed())

    @property
    def asgi(self) -> "ASGIApp":
        """The ASGI application, guarded at its door, wherever that moves."""

        # uvicorn takes a method for an application of ASGI 2.
        async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
            await self._guarded(scope, receive, send)

        return serve

    def move(self, path: str, doorway: Doorway) -> None:
        """Answer at another address too; pages that are open at a former one go on to work."""
        self._paths = (*self._paths, path)
        self._doorway = self._doorway.joined(doorway)
        self._pages.move(path)
        self._guarded = self._doorway.guard(self._routed())

    def _routed(self) -> Starlette:
        spelled = dict.fromkeys(each for path in self._paths for each in spellings(path))
        routes = [Route(each, self._page, methods=["GET", "POST"]) for each in spelled]
        routes.append(Route("/jwks.json", self._key_set, methods=["GET"]))
        handlers: dict[Any, Any] = {HTTPException: _not_found, Exception: self._defect}
        application = Starlette(routes=routes, exception_handlers=handlers)
        # Every address that answers stands above; nothing else redirects to one.
        application.router.redirect_slashes = False
        return application

    async def _defect(self, _: Request, error: Exception) -> Response:
        """Show a page about a defect of ltictl, and report the defect to the operator."""
        return self._pages.failure(self._desk.defect(error), status=500)

    async def _key_set(self, _: Request) -> Response:
        key_set = await asyncio.to_thread(self._desk.key_set)
        return JSONResponse(key_set, headers={"Cache-Control": "max-age=60"})

    async def _page(self, request: Request) -> Response:
        parameters = request.query_params
        language = choose_language(
            parameters.get("lang", ""),
            parameters.get("ui_locales", ""),
            request.headers.get("accept-language", ""),
        )
        with speaking(language):
            if request.method == "POST":
                return await self._submit(request)
            return await self._open(request) if request.method == "GET" else _not_found()

    async def _open(self, request: Request) -> Response:
        address = request.query_params.get("v", "")
        page = await self._at(address, choosing="lang" in request.query_params)
        if page is not None:
            return page
        opened = read_query(whole_query(request.scope))
        if not opened.is_ours:
            return self._stale() if address else _not_found()
        program = _program(request)
        try:
            address = await self._enter(opened, program)
        except LtictlError as error:  # it may be there, and cannot be read just now
            return self._pages.failure(error, status=503)
        # A program keeps no history, and some follow no redirect.
        page = await self._at(address) if program else None
        # Every page ends up at an address without secrets: the browser's history gets that one.
        return page or RedirectResponse(self._pages.address(address), 303)

    async def _at(self, address: str, *, choosing: bool = False) -> Response | None:
        """Return the page at an address without secrets, ``None`` if there is none.

        Args:
            address: id of a visit, or of the page for strangers.
            choosing: whether the visitor chose the language.
        """
        visit = self._visits.get(address)
        if visit is not None:
            visit.language = spoken() if choosing else visit.language
            return await self._visit_pages.present(visit)
        return self._visit_pages.unusable(address) if address in UNUSABLE else None

    async def _enter(self, opened: OpenedUrl, program: str) -> str:
        """Begin a visit and return its id; a URL that opens nothing gets a page common to all."""
        began = time.monotonic()
        try:
            admission = await asyncio.to_thread(self._desk.admit, opened.token)
        except UnusableLinkError:
            # Both refusals take equally long, since their time would show which links exist.
            await asyncio.sleep(began + _UNUSABLE_SECONDS - time.monotonic())
            return UNUSABLE[bool(opened.configuration_url)]
        visit = self._visits.enter(admission.invitation, opened, program)
        visit.language = spoken()
        return visit.id

    async def _submit(self, request: Request) -> Response:
        if not self._doorway.is_own_form(request.headers):
            return self._stale()
        try:
            async with asyncio.timeout(_FORM_SECONDS):
                form = await _form(request)
        except (TimeoutError, ClientDisconnect):
            return PlainTextResponse("Too slow\n", 408, headers={"Connection": "close"})
        if form is None:
            return PlainTextResponse("Too large\n", 413, headers={"Connection": "close"})
        visit = self._visits.get(self._states.check(form.get("state", ""), time.time()) or "")
        if visit is None:
            return self._stale()
        # A double click submits the form twice; the second one finds the visit answered.
        async with visit.lock:
            if visit.is_unanswered:
                with speaking(visit.language):
                    question = await self._act(visit, form)
                if question is not None:
                    return question
        return await self._visit_pages.present(visit)

    async def _act(self, visit: Visit, form: dict[str, str]) -> Response | None:
        """Carry out the form, or return a page where a person has to answer something first."""
        visitor = await self._visit_pages.visitor(visit)
        if form.get("action") == "cancel":
            visit.ended = visitor.cancel()
            return None
        typed = form.get("organization", "")
        organization = await self._choose_organization(visit, typed)
        if not isinstance(organization, str):
            return organization
        earlier = await asyncio.to_thread(visitor.earlier, organization)
        # An answer given for another organization, before the choice was changed, does not count.
        answered = form.get("asked") == organization
        replaces = visitor.offer.updates or (form.get("replaces", "") if answered else "")
        if earlier and not (visitor.offer.updates or answered):
            return await self._visit_pages.confirmation(visit, organization)
        if replaces and replaces not in {each.value for each in earlier}:
            return self._stale()
        try:
            visit.outcome = visitor.register(organization, replaces)
        except LtictlError as error:
            problem = problem_of(error)
            return await self._visit_pages.confirmation(
                visit, organization, typed=typed, problem=problem
            )
        return None

    async def _choose_organization(self, visit: Visit, typed: str) -> str | Response | None:
        """Return the organization, a page that asks again, or ``None`` where the visit ended."""
        visitor = await self._visit_pages.visitor(visit)
        if not self._guesses.begin(visit.invitation, typed):
            visit.ended = _closed()
            return None
        try:
            organization = await asyncio.to_thread(visitor.organization, typed)
        except LtictlError as error:
            if typed and await self._close_guessed(visit):
                return None
            problem = problem_of(error)
            return await self._visit_pages.confirmation(visit, typed=typed, problem=problem)
        self._guesses.forgive(visit.invitation, typed)
        return organization

    async def _close_guessed(self, visit: Visit) -> bool:
        """Close the link after the last name that it may try."""
        if not self._guesses.are_spent(visit.invitation):
            return False
        visit.ended = _closed()
        if self._guesses.close(visit.invitation):
            await asyncio.to_thread(self._desk.close, visit.invitation)
        return True

    def _stale(self) -> Response:
        return self._pages.result(
            Result(Outcome.FAILED, text("stale"), fix=text("stale_fix")), status=403
        )


def _program(request: Request) -> str:
    """Return the name of the program that fetches the page, empty for a browser."""
    # Every browser asks for HTML when it goes to a page; libraries ask for anything. Some LMSs
    # fetch the page themselves (recorded: lti-toolkit).
    if "text/html" in request.headers.get("accept", "").lower():
        return ""
    return request.headers.get("user-agent", "")[:_MAX_PROGRAM] or "without a name"


async def _form(request: Request) -> dict[str, str] | None:
    """Return the form's fields, or ``None`` if it is too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM_TYPE:
        return {}
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        # Stop while reading: the length that a client announces need not be true.
        if len(body) > _MAX_FORM:
            return None
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(fields)


def _closed() -> Result:
    return Result(Outcome.FAILED, sentence("guessed"), fix=sentence("ask_makers"))


def _not_found(*_: object) -> Response:
    return PlainTextResponse("Not found\n", 404)
