"""The addresses that tools call: configuration, keys, registration and tokens.

Each handler turns HTTP into one question to the LMS and its answer back into HTTP.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ltictl.sandbox.configuration import (
    CONFIGURATION_PATH,
    JWKS_PATH,
    REGISTRATION_PATH,
    TOKEN_PATH,
)
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import BareWordError
from ltictl.sandbox.token_endpoint import grant_token
from ltictl.sandbox.tools import registration_document
from ltictl.sandbox.web import php_json, read_form, read_request

# The registration endpoint refuses the other methods itself, in its own words.
_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

REAL_JWKS_PATH = "/mod/lti/certs.php"  # where Moodle has them; by it ltictl recognises a Moodle


class ToolEndpoints:
    """The platform as a tool's server sees it."""

    def __init__(self, lms: Lms) -> None:
        self._lms = lms
        self._key_sets = KeySets(f"{lms.family.user_agent} (+{lms.issuer})")

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        return [
            Route(CONFIGURATION_PATH, self.configuration),
            Route(JWKS_PATH, self.key_set),
            Route(REAL_JWKS_PATH, self.key_set),
            Route(REGISTRATION_PATH, self.registration, methods=_ANY_METHOD),
            Route(TOKEN_PATH, self.token, methods=["GET", "POST"]),
        ]

    async def configuration(self, _request: Request) -> Response:
        """Return the OpenID configuration; needs no authentication."""
        return JSONResponse(self._lms.configuration)

    async def key_set(self, _request: Request) -> Response:
        """Return the public keys of the platform."""
        return JSONResponse(self._lms.key.key_set())

    async def registration(self, request: Request) -> Response:
        """Register, update or read; the method is judged before the token (07-update)."""
        authorization = request.headers.get("authorization", "")
        if request.method == "POST":
            tool = self._lms.register(authorization, await read_request(request))
        elif request.method == "GET":
            tool = self._lms.read(authorization)
        else:
            raise BareWordError(400, "Unsupported operation")
        return php_json(registration_document(tool))

    async def token(self, request: Request) -> Response:
        """Return an access token, as JSON that is labelled as HTML (as recorded)."""
        # The body of anything but a POST is not looked at (recordings, method-get).
        form = await read_form(request) if request.method == "POST" else {}
        return HTMLResponse(await grant_token(self._lms, self._key_sets, form))
