"""Moodle's web service for external tools, as recorded (recordings moodle-rest).

HTTP is always 200, and the token is a form value: what a header says is not read.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ltictl.errors import NotFoundError
from ltictl.model.record import replace
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.configuration import AUTHORIZATION_PATH, JWKS_PATH, TOKEN_PATH
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.tools import SandboxTool, ToolState
from ltictl.sandbox.web import read_form

SERVICE_PATH: Final = "/webservice/rest/server.php"
SITE_CONFIG: Final = "moodle/site:config"
COURSES: Final = frozenset({"1", "2"})

Json = Any
_FUNCTIONS: Final = (
    "mod_lti_get_tool_types",
    "mod_lti_update_tool_type",
    "mod_lti_delete_tool_type",
    "mod_lti_toggle_showinactivitychooser",
    "core_webservice_get_site_info",
)
_OTHER_FUNCTIONS: Final = frozenset({"mod_lti_get_ltis_by_courses"})  # Moodle has more than these
_STATES: Final = {"1": ToolState.ACTIVE, "2": ToolState.PENDING, "3": ToolState.REJECTED}
_WORDS: Final = {
    ToolState.ACTIVE: "Active",
    ToolState.PENDING: "Pending",
    ToolState.REJECTED: "Rejected",
}


class ServiceError(Exception):
    """A refusal: an object with these three members."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(code)
        self.document = {"exception": kind, "errorcode": code, "message": message}


class MoodleAdministration:
    """Moodle as a program with a web service token sees it.

    Args:
        lms: the platform.

    Attributes:
        administrator: the people with tokens.
        shown: numbers of tools and courses whose activity chooser shows the tool.
    """

    def __init__(self, lms: Lms) -> None:
        self._lms = lms
        self.administrator = Administrator(everything=frozenset({SITE_CONFIG}))
        self.shown: set[tuple[str, str]] = set()
        self._handlers: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "mod_lti_get_tool_types": self._list,
            "mod_lti_update_tool_type": self._update,
            "mod_lti_delete_tool_type": self._delete,
            "mod_lti_toggle_showinactivitychooser": self._toggle,
        }

    def routes(self) -> list[Route]:
        """Return the route of the one address."""
        return [Route(SERVICE_PATH, self.serve, methods=["POST"])]

    async def serve(self, request: Request) -> Response:
        """Carry out one function, or say in Moodle's words why not."""
        form = await read_form(request)
        self.administrator.calls.append(("POST", form.get("wsfunction", "")))
        try:
            document = self._answer(form)
        except ServiceError as error:
            document = error.document
        # As PHP's json_encode writes it: every slash is escaped (recordings moodle-rest).
        body = json.dumps(document, separators=(",", ":")).replace("/", "\\/")
        return Response(body, media_type="application/json")

    def _answer(self, form: Mapping[str, str]) -> Json:
        token, function = form.get("wstoken", ""), form.get("wsfunction", "")
        rights = self.administrator.rights_of(token)
        if rights is None:  # recordings token-absent, token-wrong, token-in-header
            raise ServiceError(
                "core\\exception\\moodle_exception",
                "invalidtoken",
                "Invalid token - token not found",
            )
        # Before the rights: every token may ask whose it is.
        if function == _FUNCTIONS[-1]:
            return self._identity(rights)
        handler = self._handlers.get(function)
        if handler is None:
            raise _absent_function(function)
        arguments = {
            name: value
            for name, value in form.items()
            if name not in {"wstoken", "wsfunction", "moodlewsrestformat"}
        }
        if SITE_CONFIG not in rights:  # recordings get-tool-types-teacher, update-teacher
            raise ServiceError(
                "core\\exception\\required_capability_exception",
                "nopermissions",
                "Sorry, but you do not currently have permissions to do that "
                "(Change site configuration).",
            )
        return handler(arguments)

    def _identity(self, rights: frozenset[str]) -> Json:
        administrator = SITE_CONFIG in rights
        return {
            "sitename": self._lms.site_name,
            "username": "admin" if administrator else "teacher1",
            "fullname": "Admin User" if administrator else "Terry Teacher",
            "userid": 2 if administrator else 3,
            "siteurl": self._lms.issuer,
            "functions": [{"name": each, "version": "2024042200"} for each in _FUNCTIONS],
            "release": self._lms.family.version,
            "userissiteadmin": administrator,
            "userprivateaccesskey": self._lms.session_key,
        }

    def _list(self, arguments: Mapping[str, str]) -> Json:
        _require_known(arguments, "toolproxyid")
        return [self._document(each) for each in self._lms.tools()]

    def _update(self, arguments: Mapping[str, str]) -> Json:
        _require_known(arguments, "id", "name", "description", "state")
        _require_numbers(arguments, "id", "state")
        tool = self._tool(arguments["id"])
        if "state" in arguments and arguments["state"] not in _STATES:
            message = f"Invalid state: {arguments['state']} - must be 1, 2, or 3"
            raise ServiceError("core\\exception\\moodle_exception", message, f"error/{message}")
        settings = replace(
            tool.settings,
            name=arguments.get("name", tool.settings.name),
            description=arguments.get("description", tool.settings.description),
        )
        state = _STATES.get(arguments.get("state", ""), tool.state)
        return self._document(self._lms.keep(replace(tool, settings=settings, state=state)))

    def _delete(self, arguments: Mapping[str, str]) -> Json:
        _require_known(arguments, "id")
        _require_numbers(arguments, "id")
        if arguments["id"] in {each.deployment_id for each in self._lms.tools()}:
            self._lms.delete(arguments["id"])
        return {"id": int(arguments["id"])}  # recording delete-unknown-id: also where there is none

    def _toggle(self, arguments: Mapping[str, str]) -> Json:
        _require_known(arguments, "tooltypeid", "courseid", "showinactivitychooser")
        _require_numbers(arguments, "tooltypeid", "courseid", "showinactivitychooser")
        if arguments["courseid"] not in COURSES:
            raise _absent_record("course")
        pair = self._tool(arguments["tooltypeid"]).deployment_id, arguments["courseid"]
        (self.shown.add if arguments["showinactivitychooser"] == "1" else self.shown.discard)(pair)
        return True

    def _tool(self, number: str) -> SandboxTool:
        try:
            return self._lms.tool(number)
        except NotFoundError as error:
            raise ServiceError(
                "core\\exception\\moodle_exception",
                "unabletofindtooltype",
                f"Unable to find tool for {number}",
            ) from error

    def _document(self, tool: SandboxTool) -> Json:
        site, number = self._lms.issuer, int(tool.deployment_id)
        # Recordings get-tool-types: the address for editing carries a session key.
        edit = (
            f"{site}/mod/lti/typessettings.php?action=update&amp;id={number}"
            f"&amp;sesskey={self._lms.session_key}&amp;returnto=toolconfigure"
        )
        return {
            "id": number,
            "name": tool.settings.name,
            "description": tool.settings.description,
            "platformid": site,
            "clientid": tool.client_id,
            "deploymentid": number,
            "urls": {
                "icon": tool.settings.logo_uri,
                "edit": edit,
                "publickeyset": site + JWKS_PATH,
                "accesstoken": site + TOKEN_PATH,
                "authrequest": site + AUTHORIZATION_PATH,
            },
            "state": {
                "text": _WORDS[tool.state],
                "pending": tool.state is ToolState.PENDING,
                "configured": tool.state is ToolState.ACTIVE,
                "rejected": tool.state is ToolState.REJECTED,
                "unknown": False,
            },
            "hascapabilitygroups": False,
            "capabilitygroups": [],
            "courseid": 0,
            "instanceids": [],
            "instancecount": 0,
        }


def _absent_function(function: str) -> ServiceError:
    """Recordings function-not-in-service and function-unknown."""
    if function in _OTHER_FUNCTIONS:
        return ServiceError(
            "webservice_access_exception", "accessexception", "Access control exception"
        )
    return _absent_record("external_functions")


def _absent_record(table: str) -> ServiceError:
    """Recordings function-unknown and toggle-chooser-unknown-course."""
    return ServiceError(
        "dml_missing_record_exception",
        "invalidrecord",
        f"Can't find data record in database table {table}.",
    )


def _require_known(arguments: Mapping[str, str], *names: str) -> None:
    if not set(arguments) <= set(names):  # recording get-tool-types-orphaned
        raise _invalid()


def _require_numbers(arguments: Mapping[str, str], *names: str) -> None:
    for name in names:
        needed = name != "state"
        value = arguments.get(name, "" if needed else "0")
        if not (value.isascii() and value.isdecimal()):  # recording update-not-an-id
            raise _invalid()


def _invalid() -> ServiceError:
    return ServiceError(
        "core\\exception\\invalid_parameter_exception",
        "invalidparameter",
        "Invalid parameter value detected",
    )
