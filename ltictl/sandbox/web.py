"""The common part of all addresses: limits on requests, and the shape of answers.

Nothing here knows what a request is about.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jinja2
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ltictl.sandbox.refusals import ErrorPageError, RefusalError

_BODY_LIMIT = 300 * 1024
_FORM = "application/x-www-form-urlencoded"


class Templates:
    """The pages, with the name of the site in each; everything foreign is escaped."""

    def __init__(self, site_name: str) -> None:
        loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
        self._pages = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
        )
        self._pages.globals["site_name"] = site_name

    def page(self, template: str, facts: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """Return a page that only the platform itself may frame (recordings, choice-page)."""
        headers = {"X-Frame-Options": "sameorigin", "Cache-Control": "no-store"}
        return HTMLResponse(self._pages.get_template(template).render(facts), status, headers)

    def refusal(self, refusal: RefusalError) -> Response:
        """Return the response for a refusal."""
        if isinstance(refusal, ErrorPageError):
            return self.page("error.html", {"message": refusal.text}, refusal.status)
        return Response(refusal.body, refusal.status, media_type=refusal.media_type)


def php_json(document: dict[str, Any]) -> Response:
    """JSON as PHP writes it, with escaped slashes."""
    body = json.dumps(document, separators=(",", ":")).replace("/", "\\/")
    return Response(body, media_type="application/json; charset=utf-8")


async def read_request(request: Request) -> bytes:
    """Return the body of a request, up to the limit."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return body


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the last of equal names; empty for another kind of body."""
    body = await read_request(request)
    if not request.headers.get("content-type", "").startswith(_FORM):
        return {}
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


class HostGuard:
    """Answers only requests that name the address it was bound to.

    Any web page can make a browser send requests to a loopback port; with a name of its own that
    points there it could also read the answers (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, authority: str) -> None:
        self._app = app
        self._authority = authority

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it before anything looks at it."""
        if Headers(scope=scope).get("host") == self._authority:
            await self._app(scope, receive, send)
        else:
            refusal = PlainTextResponse("Invalid Host header", HTTPStatus.MISDIRECTED_REQUEST)
            await refusal(scope, receive, send)
