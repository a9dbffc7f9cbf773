"""The callback's routes: who is let in, in which order, and what nobody gets an answer to."""

import asyncio
import re
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from msgspec import Struct, field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ltictl.callback.desk import Admission, Desk, Outcome, Result, UnusableLinkError, Visitor
from ltictl.callback.doorway import Doorway
from ltictl.callback.form_state import FormState
from ltictl.callback.opened_url import OpenedUrl, read_query
from ltictl.callback.pages import Pages
from ltictl.callback.texts import text
from ltictl.errors import LtictlError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from starlette.types import ASGIApp

_MAX_FORM = 64 * 1024
_FORM_SECONDS = 5.0
_MAX_VISITS = 500
_MAX_PROGRAM = 60
_UNUSABLE_SECONDS = 0.2  # longer than any look at an invitation takes
_FORM_TYPE = "application/x-www-form-urlencoded"


class _Visit(Struct):
    """One opening of the page by an LMS; it remembers how it ended."""

    id: str
    invitation: str
    visitor: Visitor
    outcome: "Future[Result] | None" = None
    cancelled: Result | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Callback:
    """The application behind the callback server.

    Args:
        desk: what to do.
        path: path of the page, such as ``/register``.
        doorway: which hosts and origins count as ours.
        ancestors: sources that may frame the pages.
    """

    def __init__(self, desk: Desk, path: str, doorway: Doorway, ancestors: str) -> None:
        self._desk = desk
        self._doorway = doorway
        self._pages = Pages(path, ancestors)
        self._states = FormState()
        self._visits: dict[str, _Visit] = {}
        self._openings: dict[tuple[str, str, str], asyncio.Future[_Visit]] = {}
        routes = [Route(each, self._page, methods=["GET", "POST"]) for each in _spellings(path)]
        routes.append(Route("/jwks.json", self._key_set, methods=["GET"]))
        handlers: dict[Any, Any] = {HTTPException: _not_found, Exception: self._defect}
        self._application = Starlette(routes=routes, exception_handlers=handlers)
        # Every address that answers stands above; nothing else redirects to one.
        self._application.router.redirect_slashes = False

    @property
    def asgi(self) -> "ASGIApp":
        """The ASGI application, guarded at its door."""
        return self._doorway.guard(self._application)

    async def _defect(self, _: Request, error: Exception) -> Response:
        """A defect of ltictl: the visitor gets words, and the operator hears of it."""
        return self._pages.failure(self._desk.defect(error), status=500)

    async def _key_set(self, _: Request) -> Response:
        key_set = await asyncio.to_thread(self._desk.key_set)
        return JSONResponse(key_set, headers={"Cache-Control": "max-age=60"})

    async def _page(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._submitted(request)
        if request.method != "GET":
            return _not_found()
        known = self._visits.get(request.query_params.get("v", ""))
        if known is not None:
            return await self._present(known)
        began, opened = time.monotonic(), read_query(_query(request))
        if not opened.is_ours:
            return _not_found()
        try:
            admission = await asyncio.to_thread(self._desk.admit, opened.token)
        except UnusableLinkError:
            # The time tells no more than the words: whether the link was ever issued, or to whom.
            await asyncio.sleep(began + _UNUSABLE_SECONDS - time.monotonic())
            return self._unusable(opened)
        return await self._opened(opened, admission, _program(request))

    def _unusable(self, opened: OpenedUrl) -> Response:
        told = Result(
            Outcome.FAILED,
            text("unusable"),
            fix=text("ask_makers"),
            title=text("title_unusable"),
        )
        return self._pages.result(told, status=404, closable=bool(opened.configuration_url))

    async def _opened(self, opened: OpenedUrl, admission: Admission, program: str) -> Response:
        invitation = admission.invitation
        configuration_url, token = opened.configuration_url, opened.registration_token
        # A reload of what has ended shows its result, though the invitation is spent by now.
        known = (invitation, configuration_url, token) in self._openings
        if admission.problem is not None and not known:
            framed = bool(configuration_url)
            return self._pages.failure(admission.problem, status=410, closable=framed)
        if not configuration_url:
            example = await asyncio.to_thread(self._desk.clicked, invitation)
            clicked = Result(
                Outcome.FAILED,
                text("clicked"),
                text("clicked_why"),
                text("clicked_fix", example=example),
                title=text("title_clicked"),
            )
            return self._pages.result(clicked, status=400)
        try:
            visit = await self._visit(invitation, opened, program)
        except LtictlError as error:
            return self._pages.failure(error)
        return await self._present(visit)

    async def _visit(self, invitation: str, opened: OpenedUrl, program: str) -> _Visit:
        """The visit for one opening; its configuration is fetched once, whatever reloads come."""
        key = (invitation, opened.configuration_url, opened.registration_token)
        opening = self._openings.get(key)
        if opening is None:
            while len(self._openings) >= _MAX_VISITS:
                self._openings.pop(next(iter(self._openings)))
            opening = asyncio.ensure_future(self._begin(*key, program))
            self._openings[key] = opening
        try:
            return await asyncio.shield(opening)
        except LtictlError:
            self._openings.pop(key, None)  # it may be reachable at the next reload
            raise

    async def _begin(
        self, invitation: str, configuration_url: str, token: str, program: str
    ) -> _Visit:
        visitor = await self._desk.open(invitation, configuration_url, token, program)
        visit = _Visit(secrets.token_urlsafe(24), invitation, visitor)
        while len(self._visits) >= _MAX_VISITS:
            self._visits.pop(next(iter(self._visits)))
        self._visits[visit.id] = visit
        return visit

    async def _present(self, visit: _Visit) -> Response:
        ended = await self._ended(visit)
        if ended is not None:
            return self._pages.result(ended, visit=visit.id)
        return await self._confirmation(visit)

    async def _confirmation(
        self, visit: _Visit, organization: str = "", *, typed: str = "", problem: str = ""
    ) -> Response:
        offer = visit.visitor.offer
        fixed = "" if offer.organization == "" else visit.visitor.organization("")
        chosen = organization or fixed
        earlier = await asyncio.to_thread(visit.visitor.earlier, chosen) if chosen else ()
        return self._pages.confirm(
            offer,
            visit=visit.id,
            state=self._states.sign(visit.id, time.time()),
            chosen=chosen or typed,
            earlier=earlier,
            problem=problem,
        )

    async def _ended(self, visit: _Visit) -> Result | None:
        if visit.outcome is not None:
            return await asyncio.shield(asyncio.wrap_future(visit.outcome))
        return visit.cancelled

    async def _submitted(self, request: Request) -> Response:
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
        async with visit.lock:
            if _unanswered(visit):
                question = await self._act(visit, form)
                if question is not None:
                    return question
        return await self._present(visit)

    async def _act(self, visit: _Visit, form: dict[str, str]) -> Response | None:
        """Do what the form says; a page where something has to be asked first."""
        visitor = visit.visitor
        if form.get("action") == "cancel":
            visit.cancelled = visitor.cancel()
            return None
        typed = form.get("organization", "")
        try:
            organization = await asyncio.to_thread(visitor.organization, typed)
        except LtictlError as error:
            problem = f"{error.message} {error.fix}"
            return await self._confirmation(visit, typed=typed, problem=problem)
        earlier = await asyncio.to_thread(visitor.earlier, organization)
        # An answer given for another organization, before the choice was changed, does not count.
        asked = form.get("asked") == organization
        replaces = visitor.offer.updates or (form.get("replaces", "") if asked else "")
        if earlier and not (visitor.offer.updates or asked):
            return await self._confirmation(visit, organization)
        if replaces and replaces not in {each.value for each in earlier}:
            return self._stale()
        try:
            visit.outcome = visitor.register(organization, replaces)
        except LtictlError as error:
            problem = f"{error.message} {error.fix}"
            return await self._confirmation(visit, organization, typed=typed, problem=problem)
        return None

    def _stale(self) -> Response:
        return self._pages.result(
            Result(Outcome.FAILED, text("stale"), fix=text("stale_fix")), status=403
        )


def _program(request: Request) -> str:
    """The name of a program that fetches the page, empty for a browser.

    Every browser asks for HTML when it goes to a page; libraries ask for anything. Some LMSs fetch
    the page themselves (recorded: lti-toolkit).
    """
    if "text/html" in request.headers.get("accept", "").lower():
        return ""
    return request.headers.get("user-agent", "")[:_MAX_PROGRAM] or "without a name"


def _spellings(path: str) -> dict[str, None]:
    """The paths of the page; LMSs add a slash, or take the query for a part of the path."""
    plain = [each.rstrip("/") for each in (path, "/register")]
    ends = ("", "/", "?{query:path}", "/?{query:path}")
    found = (f"{each}{end}" for each in plain for end in ends)
    return dict.fromkeys(each for each in found if each.startswith("/"))


def _query(request: Request) -> str:
    """The query as it came, together with one whose ``?`` arrived encoded in the path."""
    query = request.scope["query_string"].decode("utf-8", "replace")
    raw = request.scope.get("raw_path", b"").decode("ascii", "replace")
    inside = re.split("%3F", raw, maxsplit=1, flags=re.IGNORECASE)[1:]
    parts = [each if "=" in each else unquote(each) for each in inside]
    return "&".join((*parts, query))


def _unanswered(visit: _Visit) -> bool:
    return visit.outcome is None and visit.cancelled is None


async def _form(request: Request) -> dict[str, str] | None:
    """The form's fields, or ``None`` if it is too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM_TYPE:
        return {}
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            return None
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(fields)


def _not_found(*_: object) -> Response:
    return PlainTextResponse("Not found\n", 404)
