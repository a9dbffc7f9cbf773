"""The administrator's pages: the list of tools, and the start of a registration in a frame.

Every change is a same-origin POST with the session key; nothing here decides what a change means.
"""

import secrets
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ltictl.errors import NotFoundError, UsageError
from ltictl.lti.vocabulary import SCOPE_MEANING
from ltictl.sandbox.configuration import ADMIN_PATH, CONFIGURATION_PATH
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import ErrorPageError
from ltictl.sandbox.web import Templates, read_form

_START_PATH = f"{ADMIN_PATH}/start"
_NEW = "new"


class AdminPages:
    """The platform as its administrator sees it; anyone who opens it is the administrator."""

    def __init__(self, lms: Lms, templates: Templates) -> None:
        self._lms = lms
        self._templates = templates

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        return [
            Route("/", self.home),
            Route(ADMIN_PATH, self.manage_tools),
            Route(_START_PATH, self.start),
            Route(f"{ADMIN_PATH}/activate", self.activate, methods=["POST"]),
            Route(f"{ADMIN_PATH}/delete", self.delete, methods=["POST"]),
        ]

    async def home(self, _request: Request) -> Response:
        """Redirect to the administration, the only page."""
        return RedirectResponse(ADMIN_PATH, HTTPStatus.FOUND)

    async def manage_tools(self, _request: Request) -> Response:
        """Return the list of tools and the field for a tool's URL."""
        facts = {
            "lms": self._lms,
            "tools": self._lms.tools(),
            "start_path": _START_PATH,
            "configuration_url": self._lms.issuer + CONFIGURATION_PATH,
            "scope_meaning": SCOPE_MEANING,
        }
        return self._templates.page("admin.html", facts)

    async def start(self, request: Request) -> Response:
        """Send the frame to the tool, or first ask whether to update a tool of the same host."""
        self._check_session(request.query_params.get("sesskey", ""))
        tool_url = request.query_params.get("url", "")
        options = frozenset(request.query_params.getlist("option"))
        choice = request.query_params.get("tool")
        existing = self._lms.tools_at(tool_url)
        if existing and choice is None:
            facts = {
                "lms": self._lms,
                "tools": existing,
                "tool_url": tool_url,
                "start_path": _START_PATH,
                "new": _NEW,
            }
            return self._templates.page("choice.html", facts)
        address = self._address(tool_url, choice or _NEW, options)
        return RedirectResponse(address, HTTPStatus.FOUND)

    async def activate(self, request: Request) -> Response:
        """Switch a tool on."""
        self._lms.activate(await self._choose(request))
        return RedirectResponse(ADMIN_PATH, HTTPStatus.SEE_OTHER)

    async def delete(self, request: Request) -> Response:
        """Remove a tool."""
        self._lms.delete(await self._choose(request))
        return RedirectResponse(ADMIN_PATH, HTTPStatus.SEE_OTHER)

    def _address(self, tool_url: str, choice: str, options: frozenset[str]) -> str:
        try:
            if choice == _NEW:
                return self._lms.start_registration(tool_url, options)
            return self._lms.start_update(choice, tool_url)
        except UsageError as error:
            # The platform's own words in the frame (recordings, pasted-url-forms).
            raise ErrorPageError("A required parameter (url) was missing") from error
        except NotFoundError as error:
            raise ErrorPageError(error.message) from error

    async def _choose(self, request: Request) -> str:
        form = await read_form(request)
        self._check_session(form.get("sesskey", ""))
        try:
            return self._lms.tool(form.get("deployment_id", "")).deployment_id
        except NotFoundError as error:
            raise ErrorPageError(error.message) from error

    def _check_session(self, key: str) -> None:
        if not secrets.compare_digest(key.encode(), self._lms.session_key.encode()):
            raise ErrorPageError("The session key is missing or wrong.", HTTPStatus.FORBIDDEN)
