"""Moodle's web service for external tools, measured: recordings moodle-rest.

HTTP is always 200 there; a refusal is a body with ``exception``. The token is a form value, since
Moodle reads no ``Authorization`` header (recording token-in-header).
"""

import re
from typing import Final

from ltictl.model.lms_side import Identity, LmsDeployment, LmsState, Place, PlaceKind, Target
from ltictl.model.record import replace
from ltictl.platforms.administration import (
    Call,
    CallReply,
    Interface,
    Steps,
    member,
    tables_of,
    text_of,
    unusable,
)
from ltictl.platforms.family import Cause
from ltictl.platforms.interfaces.moodle_script import moodle_script

_PATH: Final = "/webservice/rest/server.php"
_IDENTITY: Final = "core_webservice_get_site_info"
_LIST: Final = "mod_lti_get_tool_types"
_UPDATE: Final = "mod_lti_update_tool_type"
_DELETE: Final = "mod_lti_delete_tool_type"
_CHOOSER: Final = "mod_lti_toggle_showinactivitychooser"
_NEEDED: Final = (_LIST, _UPDATE)  # without the others, only some commands lack something
_USED: Final = frozenset({_IDENTITY, _LIST, _UPDATE, _DELETE, _CHOOSER})
_SESSION: Final = re.compile(rb"(sesskey=)[A-Za-z0-9_-]+")
_CAPABILITY: Final = "moodle/site:config"

# recordings update-to-*: 1 active, 2 pending, 3 rejected. Off is "pending", as after registering.
_ON: Final = "1"
_OFF: Final = "2"

_SERVICE: Final = "'ltictl help moodle' says how to make the service and the token."
_WORDS: Final = {  # by the errorcode, which has no language
    "invalidtoken": Cause(
        "Moodle does not know the token: it was deleted, has expired, or is of another Moodle.",
        "Site administration > Server > Web services > Manage tokens: make one, and give it anew.",
    ),
    "accessexception": Cause(
        "The token's service lacks this function, or its user may not use web services.",
        "Add the function to the external service, and 'webservice/rest:use' to a role. "
        f"{_SERVICE}",
    ),
    "nopermissions": Cause(
        f"The token's user lacks the capability {_CAPABILITY}.",
        f"Make the token for a user who has it. {_SERVICE}",
    ),
    "invalidrecord": Cause(
        "Moodle has no such function, or no such course.",
        "Check the id of the course. Moodle before 3.1 lacks the functions.",
    ),
    "unabletofindtooltype": Cause(
        "The tool was deleted in Moodle.", "Look at 'ltictl lms status', and register it again."
    ),
    "servicenotavailable": Cause(
        "The external service is switched off.",
        "Site administration > Server > Web services > External services: switch it on.",
    ),
    "enablewsdescription": Cause(
        "Web services are switched off in this Moodle.",
        "Site administration > General > Advanced features: switch on 'Enable web services'.",
    ),
}
_CAUSES: Final = {
    403: Cause(
        "The REST protocol is switched off in this Moodle, or a proxy before it refuses.",
        "Site administration > Server > Web services > Manage protocols: switch REST on.",
    ),
    404: Cause(
        "There is no web service at this address.",
        "Give the address of Moodle's front page, with its folder if it has one.",
    ),
}


def _ask(function: str, purpose: str = "", presumed: object = None, **arguments: str) -> Call:
    form = {"wsfunction": function, "moodlewsrestformat": "json", **arguments}
    return Call(path=_PATH, method="POST", form=form, purpose=purpose, presumed=presumed)


def _sign(call: Call, token: str) -> Call:
    return replace(call, form={**(call.form or {}), "wstoken": token})


def _problem(reply: CallReply) -> str:
    """Return the words of a refusal inside a success, its errorcode first."""
    if not text_of(reply.document, "exception"):
        return ""
    code, message = text_of(reply.document, "errorcode"), text_of(reply.document, "message")
    return code if message.endswith(code) else f"{code}: {message}"


def _blanked(body: bytes) -> bytes:
    """Take out the session key that ``urls.edit`` holds (recordings update-*)."""
    return _SESSION.sub(rb"\1-", body)


def _who() -> Steps[Identity]:
    """Return the token's user and functions; a user who is no site administrator is tried out."""
    call = _ask(_IDENTITY)
    reply = yield call
    name = text_of(reply.document, "fullname") or text_of(reply.document, "username")
    if not name:
        raise unusable(call, "it names no user")
    functions = tuple(text_of(each, "name") for each in tables_of(reply.document, "functions"))
    if _LIST in functions and member(reply.document, "userissiteadmin") is not True:
        # Moodle refuses in its own words where the capability is missing.
        yield _ask(_LIST, toolproxyid="0")
    return Identity(
        name=name,
        account=text_of(reply.document, "sitename"),
        rights=tuple(each for each in functions if each in _USED),
        missing=tuple(each for each in _NEEDED if each not in functions),
        beyond=tuple(each for each in functions if each not in _USED),
        ways=("a program that runs on Moodle's own host: ltictl lms script moodle",),
    )


def _listing() -> Steps[dict[str, LmsState]]:
    """Read every tool; Moodle has no function for one of them."""
    reply = yield _ask(_LIST, toolproxyid="0")
    found: dict[str, LmsState] = {}
    for each in tables_of(reply.document):
        found.setdefault(text_of(each, "clientid"), _state(each))
    return found


def _status(target: Target) -> Steps[LmsState]:
    return (yield from _listing()).get(target.client_id, LmsState(found=False))


def _state(tool: dict[str, object]) -> LmsState:
    """Return the state of a tool; ``urls`` is left alone, since one of them holds a session key."""
    name = text_of(tool, "name")
    deployment = LmsDeployment(
        id=text_of(tool, "deploymentid"), key=text_of(tool, "id"), name="the whole site"
    )
    return LmsState(
        found=True,
        active=member(tool, "state", "configured") is True,
        word=text_of(tool, "state", "text"),
        key=text_of(tool, "id"),
        deployments=(deployment,),
        recorded={"client_name": name} if name else {},
        uses=uses if isinstance(uses := member(tool, "instancecount"), int) else 0,
    )


def _switch(target: Target, state: LmsState, on: bool) -> Steps[str]:
    purpose = "Activate the tool" if on else "Set the tool back to pending"
    presumed = {"clientid": target.client_id, "state": {"configured": on, "text": "..."}}
    call = _ask(_UPDATE, purpose, presumed, id=state.key, state=_ON if on else _OFF)
    reply = yield call
    if member(reply.document, "state", "configured") is not on:
        raise unusable(call, "the tool has another state than was asked for")
    return text_of(reply.document, "state", "text")


def _deploy(target: Target, state: LmsState, place: Place) -> Steps[LmsDeployment]:
    """Show the tool in one course's activity chooser; its deployment id stays the site's."""
    del target
    call = _ask(
        _CHOOSER,
        "Show the tool in the course's activity chooser",
        presumed=True,
        tooltypeid=state.key,
        courseid=place.id,
        showinactivitychooser="1",
    )
    reply = yield call
    if reply.document is not True:
        raise unusable(call, "it is not 'true'")
    known = next(iter(state.deployments or ()), LmsDeployment(""))
    return replace(known, kind=PlaceKind.COURSE, context=place.id, name="", available=True)


def _remove(target: Target, state: LmsState) -> Steps[None]:
    del target
    yield _ask(_DELETE, "Delete the tool", presumed={"id": state.key}, id=state.key)


INTERFACE = Interface(
    slug="moodle",
    basis="measured",
    token_place=("Site administration", "Server", "Web services", "Manage tokens"),
    who=_who,
    status=_status,
    listing=_listing,
    switch=_switch,
    deploy=_deploy,
    remove=_remove,
    script=moodle_script,
    places=(PlaceKind.COURSE,),
    sign=_sign,
    problem=_problem,
    blanked=_blanked,
    causes=_CAUSES,
    words=_WORDS,
)
