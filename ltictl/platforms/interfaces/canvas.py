"""The interface of Canvas for administrators of an account. From source, not measured.

Sources: C-REG (lti/registrations_controller, its serializer), C-DR
(lti/ims/dynamic_registration_controller), C-DK (the developer keys' serializer), C-API (Canvas's
documentation of its API: pages, ids, throttling).

There are three ways to a registration, and which of them an account offers is found by asking:
dynamic registration; ``lti_registrations``; developer keys, which every version has.
"""

from typing import Any, Final
from urllib.parse import quote, urlencode

from ltictl.model.lms_side import Identity, LmsDeployment, LmsState, Place, PlaceKind, Target
from ltictl.platforms.administration import (
    Created,
    Creation,
    Interface,
    Start,
    Started,
    Steps,
    bearer,
    member,
    tables_of,
    text_of,
    unusable,
)
from ltictl.platforms.family import Cause
from ltictl.platforms.interfaces.canvas_calls import (
    ABSENT,
    ROOT,
    TABLE,
    call,
    preset,
    throttled,
)
from ltictl.platforms.interfaces.canvas_deployments import deploy_registration, deployments_of
from ltictl.platforms.interfaces.canvas_keys import (
    KEYS,
    client_id_of,
    create_key,
    deploy_key,
    key_created_as,
    key_state,
    key_tools,
    remove_key,
    switch_key,
)

REGISTRATIONS: Final = "registrations"
WITH_TOOLS: Final = "registrations and external tools"  # without lti_registrations_next
# C-REG and C-DR: what the calls below ask for.
_NEEDED: Final = ("manage_lti_registrations", "manage_developer_keys")
# What an administrator's token may do beyond that, as far as it is worth a warning.
_MORE: Final = (
    "become_user",
    "manage_account_settings",
    "manage_user_logins",
    "manage_sis",
    "read_course_content",
    "view_all_grades",
)
_RECORDED: Final = {
    "initiate_login_uri": "oidc_initiation_url",
    "jwks_uri": "public_jwk_url",
    "target_link_uri": "target_link_uri",
}
_LISTED: Final = {"redirect_uris": "redirect_uris", "scope": "scopes"}


def _who() -> Steps[Identity]:
    user = yield call("/api/v1/users/self")
    account = yield call(ROOT)
    query = urlencode([("permissions[]", each) for each in (*_NEEDED, *_MORE)])
    rights = yield call(f"{ROOT}/permissions?{query}")
    # 403: the account has it, and the owner lacks the right, which the permissions tell.
    table = yield call(f"{TABLE}?per_page=1", accepts=frozenset({403, 404}))
    has = {each for each in (*_NEEDED, *_MORE) if member(rights.document, each) is True}
    has_table = table.status != 404  # noqa: PLR2004  the very number
    ways = ("lti_registrations", "developer keys") if has_table else ("developer keys",)
    return Identity(
        name=text_of(user.document, "name"),
        account=text_of(account.document, "name"),
        rights=tuple(each for each in _NEEDED if each in has),
        missing=tuple(each for each in _NEEDED if each not in has),
        beyond=tuple(each for each in _MORE if each in has),
        ways=ways,
    )


def _status(target: Target) -> Steps[LmsState]:
    by_client = f"{ROOT}/lti_registration_by_client_id/{quote(target.client_id, safe='')}"
    found = yield call(by_client, accepts=ABSENT)
    if not found.succeeded:
        return (yield from key_state(target))
    key = text_of(found.document, "id")
    if not key:
        raise unusable(call(by_client), "it names no registration")
    word = text_of(found.document, "account_binding", "workflow_state") or "off"
    deployments, way = (yield from deployments_of(key)), REGISTRATIONS
    if deployments is None:
        deployments, way = (yield from key_tools(target.client_id)), WITH_TOOLS
    update = (yield from _waiting(key)) if target.update else ""
    return LmsState(
        found=True,
        active=word == "on",
        word=word,
        key=key,
        deployments=deployments,
        update=update,
        recorded=_recorded_settings(member(found.document, "configuration")),
        way=way,
    )


def _waiting(key: str) -> Steps[str]:
    """Return the id of a change that waits; 404 says that there is none, or no such feature."""
    found = yield call(f"{TABLE}/{key}/latest_update_request", accepts=ABSENT)
    pending = found.succeeded and text_of(found.document, "status") in {"", "pending"}
    return text_of(found.document, "id") if pending else ""


def _recorded_settings(configuration: Any) -> dict[str, str]:
    if not isinstance(configuration, dict):
        return {}
    members = {name: text_of(configuration, theirs) for name, theirs in _RECORDED.items()}
    for name, theirs in _LISTED.items():
        value = configuration.get(theirs)
        members[name] = " ".join(map(str, value)) if isinstance(value, list) else ""
    return {name: value for name, value in members.items() if value}


def _switch(target: Target, state: LmsState, active: bool) -> Steps[str]:
    word = "on" if active else "off"
    if state.way == KEYS:
        return (yield from switch_key(target.client_id, word))
    bound = yield call(
        f"{TABLE}/{state.key}/bind",
        method="POST",
        json={"workflow_state": word},
        purpose=f"Switch the app {word}",
        presumed={"workflow_state": word},
    )
    return text_of(bound.document, "workflow_state") or word


def _deploy(target: Target, state: LmsState, place: Place) -> Steps[LmsDeployment]:
    if state.way != REGISTRATIONS:
        return (yield from deploy_key(target.client_id, state, place))
    return (yield from deploy_registration(state, place))


def _remove(target: Target, state: LmsState) -> Steps[None]:
    if state.way == KEYS:
        yield from remove_key(target.client_id)
        return
    yield call(
        f"{TABLE}/{state.key}",
        method="DELETE",
        purpose="Delete the registration",
        accepts=ABSENT,  # another person was faster
    )


def _accept_update(target: Target, state: LmsState) -> Steps[None]:
    del target
    yield call(
        f"{TABLE}/{state.key}/update_requests/{state.update}/apply",
        method="PUT",
        json={"accepted": True, "comment": "Accepted by ltictl"},
        purpose="Accept the change of the registration",
        presumed={},
    )


def _start(start: Start) -> Steps[Started | None]:
    query = {"registration_url": start.registration_url}
    if start.updates:
        query["registration_id"] = start.updates
    request = call(f"/api/lti/accounts/self/registration_token?{urlencode(query)}", accepts=ABSENT)
    reply = yield request
    if not reply.succeeded:
        return None
    found = Started(
        configuration_url=text_of(reply.document, "oidc_configuration_url"),
        token=text_of(reply.document, "token"),
        handle=text_of(reply.document, "uuid"),
    )
    if not found.configuration_url or not found.token:
        raise unusable(request, "it holds no token")
    return found


def _find(handle: str) -> Steps[str]:
    path = f"/api/lti/accounts/self/lti_registrations/uuid/{quote(handle, safe='')}"
    found = yield call(path, accepts=ABSENT)
    if not found.succeeded or not isinstance(found.document, dict):
        return ""
    return (yield from client_id_of(found.document))


def _create(creation: Creation) -> Steps[Created]:
    table = yield call(f"{TABLE}?per_page=1", accepts=ABSENT)
    if not table.succeeded:
        return (yield from create_key(creation))
    request = call(
        TABLE,
        method="POST",
        json={
            "name": creation.request["client_name"],
            "admin_nickname": creation.marker,
            "configuration": _with_redirects(creation),
            "workflow_state": "off",
        },
        purpose="Enter the tool",
        presumed={"developer_key_id": "10000000000000"},
    )
    made = yield request
    document = made.document if isinstance(made.document, dict) else {}
    client_id = yield from client_id_of(document)
    if not client_id:
        raise unusable(request, "it names no developer key")
    return Created(client_id)


def _with_redirects(creation: Creation) -> dict[str, Any]:
    """Return the document of a developer key, whose form has a field for ``redirect_uris``."""
    return {**(creation.document or {}), "redirect_uris": creation.request["redirect_uris"]}


def _find_created(marker: str) -> Steps[str]:
    query = urlencode({"query": marker, "per_page": 100})
    listed = yield call(f"{TABLE}?{query}", accepts=ABSENT)
    for each in tables_of(listed.document, "data"):
        if text_of(each, "admin_nickname") == marker:
            return (yield from client_id_of(each))
    return (yield from key_created_as(marker))


INTERFACE: Final = Interface(
    slug="canvas",
    basis="from source",
    token_place=("Account", "Settings", "Approved Integrations", "+ New Access Token"),
    who=_who,
    status=_status,
    switch=_switch,
    deploy=_deploy,
    accept_update=_accept_update,
    start=_start,
    find=_find,
    create=_create,
    find_created=_find_created,
    remove=_remove,
    places=(PlaceKind.ACCOUNT, PlaceKind.COURSE),
    sign=bearer,
    throttled=throttled,
    causes={
        401: Cause(
            "Canvas does not accept the token: it is wrong, expired, or its owner may not do that. "
            "A token of a developer key that enforces scopes reaches none of these addresses.",
            "Use one that an administrator made: Account > Settings > + New Access Token.",
        ),
        403: Cause(
            "The token's owner lacks a right: manage_lti_registrations or manage_developer_keys "
            "in the root account.",
            "Look at its rights, with the same token: ltictl lms login ORG --platform URL",
        ),
        404: Cause(
            "Canvas does not have that, or a feature of the account is off "
            "(lti_registrations_page, lti_registrations_next).",
            "Look at 'ltictl lms status', or ask Canvas's administrators.",
        ),
        422: Cause(
            "Canvas found something in the request that it does not accept; it names it.",
            "Correct the place that was named, or the tool's settings in profile.toml.",
        ),
    },
    preset=preset,
    # C-DR: hosted Canvas names these to every school; none of them is a school's own address.
    shared_hosts=tuple(
        f"{host}.{environment}{domain}"
        for host, domain in (("canvas", "instructure.com"), ("sso", "canvaslms.com"))
        for environment in ("", "beta.", "test.")
    ),
)
