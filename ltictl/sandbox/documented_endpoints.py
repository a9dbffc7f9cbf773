"""The addresses that tools call at a platform of a family that was not recorded."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ltictl.sandbox.canvas import (
    REAL_CONFIGURATION_PATH,
    REAL_JWKS_PATH,
    REGISTRATIONS_PATH,
    CanvasLms,
)
from ltictl.sandbox.configuration import (
    CONFIGURATION_PATH,
    JWKS_PATH,
    REGISTRATION_PATH,
    TOKEN_PATH,
)
from ltictl.sandbox.documented import DocumentedLms, ToolRequest
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.web import read_form, read_request


class DocumentedEndpoints:
    """The platform as a tool's server sees it."""

    def __init__(self, lms: DocumentedLms) -> None:
        self._lms = lms
        self._key_sets = KeySets(f"{lms.family.user_agent} (+{lms.issuer})")

    def routes(self) -> list[Route]:
        """Return the routes of these addresses, with and without a tool's key at the end."""
        return [
            Route(CONFIGURATION_PATH, self.configuration),
            Route(JWKS_PATH, self.key_set),
            Route(REGISTRATION_PATH, self.registration, methods=["POST"]),
            Route(REGISTRATION_PATH + "/{key}", self.registration, methods=["POST"]),
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(TOKEN_PATH + "/{key}", self.token, methods=["POST"]),
        ]

    async def configuration(self, request: Request) -> Response:
        """Return the OpenID configuration, where the request may have it."""
        return JSONResponse(self._lms.configuration_for(_call(request)))

    async def key_set(self, _request: Request) -> Response:
        """Return the public keys of the platform."""
        return JSONResponse(self._lms.key.key_set())

    async def registration(self, request: Request) -> Response:
        """Register a tool."""
        call = _call(request, await read_request(request))
        self._lms.admit(call)
        await self._lms.prepare(call, self._key_sets)
        return JSONResponse(self._lms.register_tool(call))

    async def token(self, request: Request) -> Response:
        """Return an access token."""
        form = await read_form(request)
        return JSONResponse(await self._lms.grant(_call(request), form, self._key_sets))


class CanvasEndpoints(DocumentedEndpoints):
    """Canvas has other addresses, a redirect, and an endpoint for changes."""

    def __init__(self, lms: CanvasLms) -> None:
        super().__init__(lms)
        self._canvas = lms

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        change = REGISTRATIONS_PATH + "/{key}/configuration"
        return [
            Route(CONFIGURATION_PATH, self.redirect),
            Route(REAL_CONFIGURATION_PATH, self.configuration),
            Route(JWKS_PATH, self.key_set),
            Route(REAL_JWKS_PATH, self.key_set),
            Route(REGISTRATIONS_PATH, self.registration, methods=["POST"]),
            Route(change, self.change, methods=["GET", "PUT"]),
            Route(TOKEN_PATH, self.token, methods=["POST"]),
        ]

    async def redirect(self, _request: Request) -> Response:
        """Drop the query, and with it the token, in a redirect."""
        return RedirectResponse(REAL_CONFIGURATION_PATH, HTTPStatus.FOUND)

    async def change(self, request: Request) -> Response:
        """Read or change a registration."""
        call = _call(request, await read_request(request))
        changed = self._canvas.change_by_tool(call, write=request.method == "PUT")
        return JSONResponse(changed)


def _call(request: Request, body: bytes = b"") -> ToolRequest:
    return ToolRequest(
        authorization=request.headers.get("authorization", ""),
        query=dict(request.query_params),
        key=str(request.path_params.get("key", "")),
        body=body,
    )
