"""Brightspace's REST interface for LTI Advantage, with OAuth 2.0. From source, not recorded.

Assumed: the members of a registration beside ``IsEnabled``. The rest holds for any members: a
changed registration comes back whole, byte for byte but for the one member.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ltictl.model.record import replace
from ltictl.sandbox.administration import Administrator, Handler, bearer_of
from ltictl.sandbox.brightspace import BrightspaceLms
from ltictl.sandbox.documented import Json
from ltictl.sandbox.tools import SandboxTool, ToolState
from ltictl.sandbox.web import read_form, read_request

TOKEN_PATH: Final = "/core/connect/token"  # noqa: S105  an address, not a secret
CONSENT_PATH: Final = "/oauth2/auth"
SCOPES: Final = frozenset(
    f"ltiadvantage:{thing}:{what}"
    for thing in ("registrations", "deployments")
    for what in ("read", "update", "delete")
)
_LE: Final = "/d2l/api/le"
_LTI: Final = f"{_LE}/1.82/ltiadvantage"


class Consent(Struct, frozen=True):
    """The administrator's permission, until the application fetches its tokens."""

    redirect_uri: str
    challenge: str
    scopes: frozenset[str]


class BrightspaceAdministration:
    """Brightspace as an OAuth 2.0 application sees it.

    Args:
        lms: the platform.

    Attributes:
        administrator: its applications; ``token`` is the text that ltictl takes.
        further: further deployments, by client id.
        shared: org units by deployment id.
        written: the raw bodies of every PUT.
    """

    def __init__(self, lms: BrightspaceLms) -> None:
        self._lms = lms
        self.client_id, self._secret = secrets.token_hex(8), secrets.token_urlsafe(24)
        self._refresh: dict[str, frozenset[str]] = {}
        self._consents: dict[str, Consent] = {}
        self._texts: dict[str, str] = {}
        self.administrator = Administrator(token=self.credentials(SCOPES))
        self.further: dict[str, list[str]] = {}
        self.shared: dict[str, list[int]] = {}
        self.written: list[str] = []

    def credentials(self, scopes: frozenset[str]) -> str:
        """Return the text that ltictl takes, with a fresh refresh token for some scopes."""
        return json.dumps(
            {
                "client_id": self.client_id,
                "client_secret": self._secret,
                "refresh_token": self._new_refresh(scopes),
                "token_endpoint": TOKEN_PATH,
            }
        )

    def _new_refresh(self, scopes: frozenset[str]) -> str:
        token = secrets.token_urlsafe(24)
        self._refresh[token] = scopes
        return token

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        one, deployment = f"{_LTI}/registration/{{client}}", f"{_LTI}/deployment"
        sharing = f"{deployment}/{{number}}/sharing/"
        guarded: list[tuple[str, str, Callable[[Request], Any], str]] = [
            ("GET", f"{_LE}/versions/", self.versions, ""),
            ("GET", f"{_LTI}/registration/", self.registrations, "registrations:read"),
            ("GET", one, self.registration, "registrations:read"),
            ("PUT", one, self.change, "registrations:update"),
            ("DELETE", one, self.delete, "registrations:delete"),
            ("GET", f"{deployment}/", self.deployments, "deployments:read"),
            ("POST", sharing, self.share, "deployments:update"),
        ]
        return [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(CONSENT_PATH, self.consent, methods=["GET"]),
            *(
                Route(path, self._guarded(handler, right), methods=[method])
                for method, path, handler, right in guarded
            ),
        ]

    async def consent(self, request: Request) -> Response:
        """Allow the request at once; a person would press a button here."""
        parameters = request.query_params
        scopes = frozenset(parameters.get("scope", "").split())
        if parameters.get("client_id") != self.client_id or not scopes <= SCOPES:
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        redirect = parameters.get("redirect_uri", "")
        self._consents[code] = Consent(redirect, parameters.get("code_challenge", ""), scopes)
        query = urlencode({"code": code, "state": parameters.get("state", "")})
        return RedirectResponse(f"{redirect}?{query}", 302)

    async def token(self, request: Request) -> Response:
        """Tokens for a code or a refresh token; each of both is good once."""
        form = await read_form(request)
        secret = form.get("client_secret", "").encode()
        known = secrets.compare_digest(secret, self._secret.encode())
        if not known or form.get("client_id") != self.client_id:
            return JSONResponse({"error": "invalid_client"}, 400)
        scopes = self._granted(form)
        if scopes is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "access_token": self.administrator.token_with(*scopes),
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": " ".join(sorted(scopes)),
                "refresh_token": self._new_refresh(scopes),
            }
        )

    def _granted(self, form: dict[str, str]) -> frozenset[str] | None:
        if form.get("grant_type") == "refresh_token":
            return self._refresh.pop(form.get("refresh_token", ""), None)
        consent = self._consents.pop(form.get("code", ""), None)
        if consent is None or consent.redirect_uri != form.get("redirect_uri"):
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()  # RFC 7636, 4.2
        return consent.scopes if consent.challenge in {"", proof} else None

    def _guarded(self, handler: Callable[[Request], Any], right: str) -> Handler:
        async def serve(request: Request) -> Response:
            request.state.body = (await read_request(request)).decode("utf-8", "replace")
            self.administrator.calls.append((request.method, request.url.path))
            rights = self.administrator.rights.get(bearer_of(request.headers))
            if rights is None:
                return _refused(401, "Invalid token")
            if not self.administrator.takes_turn():
                return Response(status_code=429, headers={"Retry-After": "0"})
            if right and f"ltiadvantage:{right}" not in rights:
                return _refused(403, "Insufficient scope to call Brightspace Hypermedia API")
            found = handler(request)
            return found if isinstance(found, Response) else JSONResponse(found)

        return serve

    def versions(self, _request: Request) -> Json:
        """Return the versions of the interface."""
        return {"ProductCode": "le", "LatestVersion": "1.82", "SupportedVersions": ["1.82"]}

    def registrations(self, _request: Request) -> Json:
        """Return the registrations, on one page."""
        return {"Objects": [json.loads(self._text(each)) for each in self._lms.tools()]}

    def registration(self, request: Request) -> Response:
        """Return one registration."""
        tool = self._lms.client(request.path_params["client"])
        if tool is None:
            return _refused(404, "Not Found")
        return Response(self._text(tool), media_type="application/json")

    def change(self, request: Request) -> Response:
        """Take a whole registration, and refuse one that lacks members, which would be lost."""
        tool = self._lms.client(request.path_params["client"])
        if tool is None:
            return _refused(404, "Not Found")
        body = request.state.body
        self.written.append(body)
        try:
            document = json.loads(body)
        except ValueError:
            return _refused(400, "Invalid JSON")
        before = json.loads(self._text(tool))
        if set(document) != set(before) or not isinstance(document["IsEnabled"], bool):
            return _refused(400, "Invalid registration data")
        state = ToolState.ACTIVE if document["IsEnabled"] else ToolState.PENDING
        self._lms.keep(replace(tool, state=state))
        self._texts[tool.client_id] = body
        return Response(body, media_type="application/json")

    def delete(self, request: Request) -> Response:
        """Delete a registration."""
        tool = self._lms.client(request.path_params["client"])
        if tool is None:
            return _refused(404, "Not Found")
        self._lms.delete(tool.deployment_id)
        return Response(status_code=200)

    def deployments(self, request: Request) -> Json:
        """Return one deployment a page (an ObjectListPage)."""
        wanted = request.query_params.get("clientId", "")
        found = [
            {
                "DeploymentId": number,
                "ClientId": tool.client_id,
                "Name": "School",
                "IsEnabled": True,
            }
            for tool in self._lms.tools()
            if wanted in {"", tool.client_id}
            for number in (tool.deployment_id, *self.further.get(tool.client_id, ()))
        ]
        at = int(request.query_params.get("bookmark", "0"))
        following = request.url.include_query_params(bookmark=at + 1)
        more = at + 1 < len(found)
        return {"Objects": found[at : at + 1], "Next": str(following) if more else None}

    def share(self, request: Request) -> Response:
        """Share a deployment with an org unit."""
        document = json.loads(request.state.body)
        wanted = {"SharingOrgUnitId", "ShareWithOrgUnit", "ShareWithDescendants"}
        if set(document) != wanted or not isinstance(document["SharingOrgUnitId"], int):
            return _refused(400, "Invalid sharing rule")
        number = request.path_params["number"]
        self.shared.setdefault(number, []).append(document["SharingOrgUnitId"])
        return JSONResponse(document)

    def _text(self, tool: SandboxTool) -> str:
        """Return the registration's text; the state may have been changed on the page."""
        enabled = json.dumps(tool.state is ToolState.ACTIVE)
        text = self._texts.get(tool.client_id)
        if text is None:
            name, client = json.dumps(tool.settings.name), json.dumps(tool.client_id)
            text = (
                f'{{"ClientId" : {client},  "Name": {name}, "IsEnabled": false,\n'
                f' "Weight": 1.10, "Extensions": [1, 2, 3], "Notes": {{"IsEnabled": false}} }}'
            )
        return text.replace('"IsEnabled": false,\n', f'"IsEnabled": {enabled},\n', 1).replace(
            '"IsEnabled": true,\n', f'"IsEnabled": {enabled},\n', 1
        )


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"Errors": [{"Message": message}]}, status)
