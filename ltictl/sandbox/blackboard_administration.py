"""Blackboard's REST interface for LTI domains. From source, strict, not recorded."""

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ltictl.model.record import replace
from ltictl.sandbox.administration import Administrator, Handler, bearer_of
from ltictl.sandbox.blackboard import BlackboardLms
from ltictl.sandbox.documented import Json
from ltictl.sandbox.tools import SandboxTool, ToolState
from ltictl.sandbox.web import read_form, read_request

_API: Final = "/learn/api/public/v1"
RIGHT: Final = "lti.domains"
_WORDS: Final = {
    ToolState.ACTIVE: "Approved",
    ToolState.PENDING: "NeedsApproval",
    ToolState.REJECTED: "Excluded",
}
_STATES: Final = {word: state for state, word in _WORDS.items()}
_MOST: Final = 100


class BlackboardAdministration:
    """Blackboard as an application of the developer portal sees it.

    Args:
        lms: the platform.

    Attributes:
        administrator: the applications; ``token`` is key and secret of one that may do everything.
        others: domains of other tools, which come first in the list.
    """

    def __init__(self, lms: BlackboardLms) -> None:
        self._lms = lms
        self._key, self._secret = secrets.token_hex(8), secrets.token_urlsafe(24)
        self.administrator = Administrator(token=f"{self._key}:{self._secret}")
        self.others: list[Json] = []

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        domains = f"{_API}/lti/domains"
        guarded: list[tuple[str, str, Callable[[Request], Any], str]] = [
            ("GET", f"{_API}/system/version", self.version, ""),
            ("GET", domains, self.listed, RIGHT),
            ("GET", f"{domains}/{{number}}", self.one, RIGHT),
            ("PATCH", f"{domains}/{{number}}", self.change, RIGHT),
            ("DELETE", f"{domains}/{{number}}", self.delete, RIGHT),
        ]
        return [
            Route(f"{_API}/oauth2/token", self.token, methods=["POST"]),
            *(
                Route(path, self._guarded(handler, right), methods=[method])
                for method, path, handler, right in guarded
            ),
        ]

    async def token(self, request: Request) -> Response:
        """Return an access token for key and secret (RFC 6749, 4.4)."""
        form = await read_form(request)
        basic = base64.b64encode(self.administrator.token.encode()).decode()
        header = request.headers.get("authorization", "")
        if not secrets.compare_digest(header.encode(), f"Basic {basic}".encode()):
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        token = self.administrator.token_with(RIGHT)
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": 3599})

    def _guarded(self, handler: Callable[[Request], Any], right: str) -> Handler:
        async def serve(request: Request) -> Response:
            request.state.body = await read_request(request)
            self.administrator.calls.append((request.method, request.url.path))
            rights = self.administrator.rights.get(bearer_of(request.headers))
            if rights is None:
                return _refused(401, "Bearer token is invalid")
            if not self.administrator.takes_turn():
                return JSONResponse({"status": 429}, 429, {"Retry-After": "0"})
            if right and right not in rights:
                return _refused(403, "User is not authorized to access this resource")
            found = handler(request)
            return found if isinstance(found, Response) else JSONResponse(found)

        return serve

    def version(self, _request: Request) -> Json:
        """Return the version of Learn."""
        return {"learn": {"major": 4000, "minor": 5, "patch": 0, "build": "rel.1"}}

    def listed(self, request: Request) -> Json:
        """Return one page; the next one is named by path and query."""
        entries = [*self.others, *(_domain(tool) for tool in self._lms.tools())]
        start = int(request.query_params.get("offset", "0"))
        size = min(_MOST, int(request.query_params.get("limit", str(_MOST))))
        page: Json = {"results": entries[start : start + size]}
        if start + size < len(entries):
            following = f"{_API}/lti/domains?limit={size}&offset={start + size}"
            page["paging"] = {"nextPage": following}
        return page

    def one(self, request: Request) -> Any:
        """Return one domain."""
        tool = self._tool(request)
        return _absent() if tool is None else _domain(tool)

    def change(self, request: Request) -> Any:
        """Change the status; other members are refused here, since nobody sends them."""
        tool = self._tool(request)
        if tool is None:
            return _absent()
        try:
            document = json.loads(request.state.body)
        except ValueError:
            return _refused(400, "Invalid JSON")
        if set(document) != {"status"} or document["status"] not in _STATES:
            return _refused(400, "The status must be Approved, NeedsApproval or Excluded")
        return _domain(self._lms.keep(replace(tool, state=_STATES[document["status"]])))

    def delete(self, request: Request) -> Response:
        """Delete a domain."""
        tool = self._tool(request)
        if tool is None:
            return _absent()
        self._lms.delete(tool.deployment_id)
        return Response(status_code=204)

    def _tool(self, request: Request) -> SandboxTool | None:
        number = request.path_params["number"]
        return next((each for each in self._lms.tools() if _number(each) == number), None)


def _number(tool: SandboxTool) -> str:
    return f"_{int(tool.client_id[:6], 16)}_1"


def _domain(tool: SandboxTool) -> Json:
    return {
        "id": _number(tool),
        "clientId": tool.client_id,
        "primaryDomain": tool.settings.domain,
        "status": _WORDS[tool.state],
        "sendUserDataType": "LaunchTypeAny",
    }


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"status": status, "message": message}, status)


def _absent() -> Response:
    return _refused(404, "The specified object was not found.")
