"""The course: its activities, their launches in a frame, and "Select content".

Each handler turns HTTP into one question to the launches and its answer back into HTTP.
"""

import secrets
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ltictl.errors import NotFoundError
from ltictl.sandbox.authorization import PostedForm, authorize
from ltictl.sandbox.configuration import AUTHORIZATION_PATH
from ltictl.sandbox.deep_linking import chosen_links
from ltictl.sandbox.id_token import DEEP_LINKING_RETURN_PATH
from ltictl.sandbox.key_sets import KeySets
from ltictl.sandbox.launches import PEOPLE, Launch, Launches, PersonKind, login_initiation
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.refusals import ErrorPageError
from ltictl.sandbox.session import CourseSession
from ltictl.sandbox.tools import SandboxTool
from ltictl.sandbox.web import Templates, read_form

LAUNCH_PATH = "/launch"
_REPOST = "repost"


class LaunchPages:
    """The platform as teachers and students see it."""

    def __init__(self, lms: Lms, templates: Templates) -> None:
        self._lms = lms
        self._templates = templates
        self._launches = Launches()
        self._session = CourseSession(lms.issuer)
        self._key_sets = KeySets(f"{lms.family.user_agent} (+{lms.issuer})")

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        course = LAUNCH_PATH + "/{deployment_id}"
        return [
            Route(course, self.course),
            Route(f"{course}/open", self.open_activity, methods=["POST"]),
            Route(f"{course}/select", self.select_content, methods=["POST"]),
            Route(AUTHORIZATION_PATH, self.authorization, methods=["GET", "POST"]),
            Route(DEEP_LINKING_RETURN_PATH, self.return_from_tool, methods=["POST"]),
        ]

    async def course(self, request: Request) -> Response:
        """Return the activities of one tool, for a teacher or a student to open."""
        tool = self._tool(request.path_params["deployment_id"])
        facts = {
            "lms": self._lms,
            "tool": tool,
            "activities": self._launches.activities(tool),
            "people": PEOPLE,
            "path": f"{LAUNCH_PATH}/{tool.deployment_id}",
        }
        return self._session.begin(self._templates.page("launch.html", facts))

    async def open_activity(self, request: Request) -> Response:
        """Begin a resource link launch."""
        tool, form = await self._read_choice(request)
        person = PEOPLE[_person(form)]
        launch = self._launches.open_activity(tool, form.get("activity", ""), person)
        if launch is None:
            raise ErrorPageError("There is no such activity.")
        return self._send_to_login(tool, launch)

    async def select_content(self, request: Request) -> Response:
        """Begin a deep linking launch, as a teacher."""
        tool, _ = await self._read_choice(request)
        if tool.settings.deep_linking_uri is None:
            raise ErrorPageError("The tool does not support deep linking.")
        launch = self._launches.select_content(tool, PEOPLE[PersonKind.TEACHER])
        return self._send_to_login(tool, launch)

    async def authorization(self, request: Request) -> Response:
        """Answer the tool's authorization request, sent by GET or POST."""
        form = await read_form(request) if request.method == "POST" else {}
        signed_in = not self._lms.family.reposts or self._session.has(request)
        if not signed_in and _REPOST not in form:
            return self._post_again(request, form)
        parameters = {**request.query_params, **form}
        return self._post(authorize(self._lms, self._launches, parameters, signed_in=signed_in))

    def _post_again(self, request: Request, form: dict[str, str]) -> Response:
        """Post a request again that came without the cookie, from a frame of another site.

        The same once more, from a page of its own: that request is not another site's any more.
        """
        query = f"?{request.url.query}" if request.url.query else ""
        again = PostedForm(request.url.path + query, form | {_REPOST: "true"})
        return self._templates.page("posting.html", {"form": again})

    async def return_from_tool(self, request: Request) -> Response:
        """Show the links that the tool chose."""
        self._check_session(request.query_params.get("sesskey", ""))
        tool = self._tool(request.query_params.get("id", ""))
        message = (await read_form(request)).get("JWT", "")
        links = await chosen_links(self._lms, self._key_sets, tool, message)
        added = [
            self._launches.add_activity(tool, each.title, each.url, each.custom) for each in links
        ]
        facts = {"activities": added, "path": f"{LAUNCH_PATH}/{tool.deployment_id}"}
        return self._templates.page("returned.html", facts)

    def _send_to_login(self, tool: SandboxTool, launch: Launch) -> Response:
        fields = login_initiation(self._lms.issuer, tool, launch)
        return self._session.begin(self._post(PostedForm(tool.settings.initiate_login_uri, fields)))

    def _post(self, form: PostedForm) -> Response:
        # The address is the tool's own text: javascript: would run as this platform.
        if not form.action.startswith(("https://", "http://")):
            raise ErrorPageError("The tool registered an address that no form can be posted to.")
        return self._templates.page("posting.html", {"form": form})

    async def _read_choice(self, request: Request) -> tuple[SandboxTool, dict[str, str]]:
        form = await read_form(request)
        self._check_session(form.get("sesskey", ""))
        return self._tool(request.path_params["deployment_id"]), form

    def _tool(self, deployment_id: str) -> SandboxTool:
        try:
            return self._lms.tool(deployment_id)
        except NotFoundError as error:
            raise ErrorPageError(error.message) from error

    def _check_session(self, key: str) -> None:
        if not secrets.compare_digest(key.encode(), self._lms.session_key.encode()):
            raise ErrorPageError("The session key is missing or wrong.", HTTPStatus.FORBIDDEN)


def _person(form: dict[str, str]) -> PersonKind:
    try:
        return PersonKind(form.get("person", PersonKind.STUDENT.value))
    except ValueError as error:
        raise ErrorPageError("There is no such person.") from error
