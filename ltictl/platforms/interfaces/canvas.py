"""The interface of Canvas for administrators of an account. From source, not measured.

Sources: C-REG (lti/registrations_controller, its serializer), C-DEP (lti/deployments_controller),
C-CON (lti/context_controls_controller), C-DR (lti/ims/dynamic_registration_controller), C-DK (the
developer keys' serializer), C-API (Canvas's documentation of its API: pages, ids, throttling).

There are three ways to a registration, and which of them an account offers is found by asking:
dynamic registration; ``lti_registrations``; developer keys, which every version has.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from ltictl.model.lms_side import Identity, LmsDeployment, LmsState, Place, PlaceKind, Target
from ltictl.model.record import replace
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
    call,
    pages,
    preset,
    throttled,
)
from ltictl.platforms.interfaces.canvas_keys import (
    KEYS,
    client_id_of,
    create_key,
    deploy_key,
    key_created_as,
    key_state,
    key_tools,
    switch_key,
)

REGISTRATIONS: Final = "registrations"
WITH_TOOLS: Final = "registrations and external tools"  # without lti_registrations_next
_TABLE: Final = f"{ROOT}/lti_registrations"
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
    asked = urlencode([("permissions[]", each) for each in (*_NEEDED, *_MORE)])
    rights = yield call(f"{ROOT}/permissions?{asked}")
    table = yield call(f"{_TABLE}?per_page=1", accepts=ABSENT)
    has = {each for each in (*_NEEDED, *_MORE) if member(rights.document, each) is True}
    ways = ("lti_registrations", "developer keys") if table.succeeded else ("developer keys",)
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
    deployments, way = (yield from _deployments(key)), REGISTRATIONS
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
        recorded=_recorded(member(found.document, "configuration")),
        way=way,
    )


def _deployments(key: str) -> Steps[tuple[LmsDeployment, ...] | None]:
    """All deployments with their controls (C-CON, index); ``None`` without that feature."""
    found: dict[str, LmsDeployment] = {}
    listed = yield from pages(f"{_TABLE}/{key}/controls?per_page=100", accepts=ABSENT)
    if listed is None:
        return None
    for each in listed:
        if text_of(each, "workflow_state") == "deleted":
            continue
        deployment = _deployment(each)
        former = found.get(deployment.key, deployment)  # a page may break in its controls
        available = deployment.available if former.available is None else former.available
        places = tuple(dict.fromkeys((*former.places, *deployment.places)))
        found[deployment.key] = replace(former, available=available, places=places)
    return tuple(found.values())


def _deployment(document: Mapping[str, Any]) -> LmsDeployment:
    course = text_of(document, "context_type") == "Course"
    context = text_of(document, "context_id")
    member_name = "course_id" if course else "account_id"
    own = [
        each.get("available")
        for each in tables_of(document, "context_controls")
        if text_of(each, member_name) == context
    ]
    return LmsDeployment(
        id=text_of(document, "deployment_id"),
        key=text_of(document, "id"),
        kind=PlaceKind.COURSE if course else PlaceKind.ACCOUNT,
        context=context,
        name=text_of(document, "context_name"),
        available=own[0] if own and isinstance(own[0], bool) else None,
        places=tuple(_places(document)),
    )


def _places(document: Mapping[str, Any]) -> Iterator[str]:
    """The places with a control that makes the app available there."""
    for each in tables_of(document, "context_controls"):
        course, account = text_of(each, "course_id"), text_of(each, "account_id")
        if each.get("available") is True and (course or account):
            kind = PlaceKind.COURSE if course else PlaceKind.ACCOUNT
            yield Place(kind, course or account).told


def _waiting(key: str) -> Steps[str]:
    """The id of a change that waits; 404 says that there is none, or no such feature."""
    found = yield call(f"{_TABLE}/{key}/latest_update_request", accepts=ABSENT)
    pending = found.succeeded and text_of(found.document, "status") in {"", "pending"}
    return text_of(found.document, "id") if pending else ""


def _recorded(configuration: Any) -> dict[str, str]:
    if not isinstance(configuration, dict):
        return {}
    told = {name: text_of(configuration, theirs) for name, theirs in _RECORDED.items()}
    for name, theirs in _LISTED.items():
        value = configuration.get(theirs)
        told[name] = " ".join(map(str, value)) if isinstance(value, list) else ""
    return {name: value for name, value in told.items() if value}


def _switch(target: Target, state: LmsState, active: bool) -> Steps[str]:
    word = "on" if active else "off"
    if state.way == KEYS:
        return (yield from switch_key(target.client_id, word))
    bound = yield call(
        f"{_TABLE}/{state.key}/bind",
        method="POST",
        json={"workflow_state": word},
        purpose=f"Switch the app {word}",
        presumed={"workflow_state": word},
    )
    return text_of(bound.document, "workflow_state") or word


def _deploy(target: Target, state: LmsState, place: Place) -> Steps[LmsDeployment]:
    """Make the app available; deployments stand at the root, places below have controls (C-CON)."""
    if state.way != REGISTRATIONS:
        return (yield from deploy_key(target.client_id, state, place))
    roots = [each for each in state.deployments or () if each.kind is PlaceKind.ACCOUNT]
    deployment = roots[0] if roots else (yield from _added(state.key))
    at_root = place.kind is PlaceKind.ACCOUNT and place.id in {"", deployment.context}
    if (at_root and deployment.available) or place.told in deployment.places:
        return deployment
    where = "course_id" if place.kind is PlaceKind.COURSE else "account_id"
    context = place.id or deployment.context
    yield call(
        f"{_TABLE}/{state.key}/controls/bulk",  # it changes a control that is there (C-CON)
        method="POST",
        json=[{where: context, "deployment_id": deployment.key, "available": True}],
        purpose=f"Make the app available in {place.kind.value} {context}",
        presumed=[{}],
    )
    return replace(deployment, available=True) if at_root else deployment


def _added(key: str) -> Steps[LmsDeployment]:
    asked = call(
        f"{_TABLE}/{key}/deployments",
        method="POST",
        json={},
        purpose="Add a deployment at the root account",
        presumed={"id": "NEW", "deployment_id": "NEW", "context_id": "ROOT"},
    )
    made = yield asked
    deployment = _deployment(made.document if isinstance(made.document, dict) else {})
    if not deployment.id or not deployment.key:
        raise unusable(asked, "it names no deployment")
    return deployment


def _accept_update(target: Target, state: LmsState) -> Steps[None]:
    del target
    yield call(
        f"{_TABLE}/{state.key}/update_requests/{state.update}/apply",
        method="PUT",
        json={"accepted": True, "comment": "Accepted by ltictl"},
        purpose="Accept the change of the registration",
        presumed={},
    )


def _start(start: Start) -> Steps[Started | None]:
    query = {"registration_url": start.registration_url}
    if start.updates:
        query["registration_id"] = start.updates
    asked = call(f"/api/lti/accounts/self/registration_token?{urlencode(query)}", accepts=ABSENT)
    given = yield asked
    if not given.succeeded:
        return None
    found = Started(
        configuration_url=text_of(given.document, "oidc_configuration_url"),
        token=text_of(given.document, "token"),
        handle=text_of(given.document, "uuid"),
    )
    if not found.configuration_url or not found.token:
        raise unusable(asked, "it holds no token")
    return found


def _find(handle: str) -> Steps[str]:
    path = f"/api/lti/accounts/self/lti_registrations/uuid/{quote(handle, safe='')}"
    found = yield call(path, accepts=ABSENT)
    if not found.succeeded or not isinstance(found.document, dict):
        return ""
    return (yield from client_id_of(found.document))


def _create(creation: Creation) -> Steps[Created]:
    table = yield call(f"{_TABLE}?per_page=1", accepts=ABSENT)
    if not table.succeeded:
        return (yield from create_key(creation))
    asked = call(
        _TABLE,
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
    made = yield asked
    document = made.document if isinstance(made.document, dict) else {}
    client_id = yield from client_id_of(document)
    if not client_id:
        raise unusable(asked, "it names no developer key")
    return Created(client_id)


def _with_redirects(creation: Creation) -> dict[str, Any]:
    """The document of a developer key; ``redirect_uris`` are a field of their own in its form."""
    return {**(creation.document or {}), "redirect_uris": creation.request["redirect_uris"]}


def _find_created(marker: str) -> Steps[str]:
    query = urlencode({"query": marker, "per_page": 100})
    listed = yield call(f"{_TABLE}?{query}", accepts=ABSENT)
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
            "Look at its rights: ltictl lms login ORG --platform URL",
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
