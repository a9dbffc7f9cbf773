"""Brightspace's REST interface for LTI Advantage, from D2L's documentation (D2L-API); not measured.

A secret is a JSON text with client_id, client_secret and, after a person's consent, refresh_token.
The token service replaces a refresh token at each use; the new one is stored before the access
token is used.
"""

import json
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from ltictl.errors import LtictlError, NotFoundError, UsageError
from ltictl.model.lms_side import Identity, LmsDeployment, LmsState, Place, PlaceKind, Target
from ltictl.platforms.administration import (
    Call,
    CallReply,
    Created,
    Creation,
    Grant,
    Interface,
    Steps,
    member,
    tables_of,
    text_of,
    unusable,
)
from ltictl.platforms.consent import Consent, Permission
from ltictl.platforms.family import Cause
from ltictl.platforms.interfaces.json_member import MemberError, with_member

CONSENT_PAGE: Final = "https://auth.brightspace.com/oauth2/auth"
REDIRECT: Final = "http://127.0.0.1:8766/callback"
TOKEN_SERVICE: Final = "https://auth.brightspace.com/core/connect/token"  # noqa: S105  an address
SCOPES: Final = (
    "ltiadvantage:registrations:read",
    "ltiadvantage:registrations:update",
    "ltiadvantage:deployments:read",
    "ltiadvantage:deployments:update",
)
DELETION: Final = "ltiadvantage:registrations:delete"  # only where the text asks for it
_LE: Final = "/d2l/api/le"
_LEAST: Final = "1.80"  # D2L-API: where the version of the interface cannot be read
_FORBIDDEN: Final = 403
_MOST_PAGES: Final = 100


def _authorize(secret: str) -> Steps[Grant]:
    """Trade the refresh token (RFC 6749, 6), or the code of a person's consent (4.1.3)."""
    credentials = _credentials(secret)
    form = {name: credentials[name] for name in ("client_id", "client_secret")}
    if credentials.get("code"):
        form |= {name: credentials[name] for name in ("code", "redirect_uri", "code_verifier")}
        form["grant_type"] = "authorization_code"
    else:
        form |= {
            "grant_type": "refresh_token",
            "refresh_token": credentials.get("refresh_token", ""),
        }
    call = Call(
        path=credentials.get("token_endpoint", TOKEN_SERVICE),
        method="POST",
        form=form,
        signed=False,
    )
    reply = yield call
    token = text_of(reply.document, "access_token")
    if not token:
        raise unusable(call, "it holds no access_token")
    following = text_of(reply.document, "refresh_token")
    # A code is good once, and the refresh token that it brought takes over.
    lasting = {
        name: value for name, value in credentials.items() if name not in {"code", "code_verifier"}
    }
    replaced = json.dumps({**lasting, "refresh_token": following}) if following else ""
    return Grant(token, replaced)


def _lacks_consent(secret: str) -> bool:
    credentials = _credentials(secret)
    return not credentials.get("refresh_token") and not credentials.get("code")


def _redirect(secret: str) -> str:
    return _credentials(secret).get("redirect_uri", REDIRECT)


def _page(secret: str, permission: Permission) -> str:
    """Return the page on which a person consents, with PKCE (RFC 7636)."""
    credentials = _credentials(secret)
    query = {
        "response_type": "code",
        "client_id": credentials["client_id"],
        "redirect_uri": permission.redirect,
        "scope": credentials.get("scope", " ".join(SCOPES)),
        "state": permission.state,
        "code_challenge": permission.challenge,
        "code_challenge_method": "S256",
    }
    return f"{credentials.get('authorization_endpoint', CONSENT_PAGE)}?{urlencode(query)}"


def _completed(secret: str, permission: Permission, code: str) -> str:
    answer = {
        "code": code,
        "code_verifier": permission.verifier,
        "redirect_uri": permission.redirect,
    }
    return json.dumps({**_credentials(secret), **answer})


def _credentials(secret: str) -> dict[str, str]:
    try:
        members = json.loads(secret)
    except ValueError:
        members = None
    wanted = ("client_id", "client_secret")
    whole = isinstance(members, dict) and all(isinstance(members.get(each), str) for each in wanted)
    if not whole or not isinstance(members, dict):
        raise UsageError(
            "token_unreadable",
            "The token for Brightspace is no JSON text with client_id and client_secret.",
            why="Brightspace's interface takes an OAuth 2.0 application and its refresh token.",
            fix="'ltictl help brightspace' says how to make the application and the text.",
        )
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _who() -> Steps[Identity]:
    """Return the rights, found by trying: the token does not show them to its owner."""
    version = yield from _version()
    accepts = frozenset({_FORBIDDEN})
    registrations = yield Call(path=f"{version}/registration/", accepts=accepts)
    deployments = yield Call(path=f"{version}/deployment/", accepts=accepts)
    tried = {SCOPES[0]: registrations, SCOPES[2]: deployments}
    return Identity(
        name="an OAuth 2.0 application",
        account="Brightspace",
        rights=tuple(scope for scope, reply in tried.items() if reply.succeeded),
        missing=tuple(scope for scope, reply in tried.items() if not reply.succeeded),
        ways=("on the page, by an administrator: the interface's own way is not documented",),
    )


def _version() -> Steps[str]:
    """Return the path of the newest version of the interface."""
    reply = yield Call(path=f"{_LE}/versions/", accepts=frozenset({_FORBIDDEN, 404}))
    latest = text_of(reply.document, "LatestVersion") or _LEAST
    # Foreign text that becomes part of an address.
    if not latest.replace(".", "").isdecimal():
        latest = _LEAST
    return f"{_LE}/{latest}/ltiadvantage"


def _status(target: Target) -> Steps[LmsState]:
    version = yield from _version()
    path = f"{version}/registration/{target.client_id}"
    reply = yield Call(path=path, accepts=frozenset({404}))
    if not reply.succeeded:
        return LmsState(found=False)
    enabled = member(reply.document, "IsEnabled")
    if not isinstance(enabled, bool):
        raise unusable(Call(path=path), "it holds no IsEnabled")
    deployments = yield from _deployments(version, target.client_id)
    name = text_of(reply.document, "Name")
    return LmsState(
        found=True,
        active=enabled,
        word=_word(on=enabled),
        key=target.client_id,
        deployments=deployments,
        recorded={"client_name": name} if name else {},
        way=version,
    )


def _word(*, on: bool) -> str:
    return "Enabled" if on else "Disabled"


def _deployments(version: str, client_id: str) -> Steps[tuple[LmsDeployment, ...]]:
    """Return every page of the deployments (an ObjectListPage)."""
    found: list[LmsDeployment] = []
    path = f"{version}/deployment/?clientId={client_id}"
    for _ in range(_MOST_PAGES):
        reply = yield Call(path=path)
        found += [
            LmsDeployment(
                id=text_of(each, "DeploymentId"),
                key=text_of(each, "DeploymentId"),
                kind=PlaceKind.ORG_UNIT,
                name=text_of(each, "Name"),
                available=_flag(each),
            )
            for each in tables_of(reply.document, "Objects")
            if text_of(each, "ClientId") in {"", client_id}
        ]
        path = _next_page(reply, version)
        if not path:
            break
    return tuple(found)


def _flag(deployment: dict[str, Any]) -> bool | None:
    values = [deployment.get(name) for name in ("IsEnabled", "IsAvailable")]
    known = [each for each in values if isinstance(each, bool)]
    return all(known) if known else None


def _next_page(reply: CallReply, version: str) -> str:
    """Return the path of the next page without its host, so that the token stays here."""
    parts = urlsplit(text_of(reply.document, "Next"))
    query = f"?{parts.query}" if parts.query else ""
    return parts.path + query if parts.path.startswith(f"{version}/") else ""


def _switch(target: Target, state: LmsState, on: bool) -> Steps[str]:
    """Read the whole registration, flip one member, and write it back as it was otherwise."""
    path = f"{state.way}/registration/{target.client_id}"
    reading = Call(path=path)
    reply = yield reading
    try:
        body = with_member(reply.text, "IsEnabled", on)
    except MemberError as error:
        raise unusable(reading, str(error)) from error
    yield Call(
        path=path,
        method="PUT",
        text=body,
        purpose="Enable the tool" if on else "Disable the tool",
        presumed={"IsEnabled": on},
    )
    return _word(on=on)


def _deploy(target: Target, state: LmsState, place: Place) -> Steps[LmsDeployment]:
    """Share the tool's deployment with an org unit and all below it."""
    del target
    deployment = next((each for each in state.deployments or () if each.id), None)
    if deployment is None:
        raise NotFoundError(
            "no_deployment",
            "The tool has no deployment in Brightspace that could be shared.",
            why="The interface's way to make one is not documented.",
            fix="Manage Extensibility > LTI Advantage > the tool > View Deployments > New "
            "Deployment; then run the command again.",
        )
    if not place.id.isdecimal():
        raise UsageError(
            "invalid_value", "An org unit of Brightspace is a number.", fix="--org-unit 6606"
        )
    yield Call(
        path=f"{state.way}/deployment/{deployment.id}/sharing/",
        method="POST",
        json={
            "SharingOrgUnitId": int(place.id),
            "ShareWithOrgUnit": True,
            "ShareWithDescendants": True,
        },
        purpose="Share the deployment with the org unit",
        presumed={},
    )
    return LmsDeployment(
        deployment.id, deployment.key, PlaceKind.ORG_UNIT, place.id, available=True
    )


def _create(creation: Creation) -> Steps[Created]:
    """Say why ltictl does not create registrations there."""
    del creation
    yield from ()
    raise LtictlError(
        "not_offered_by_lms",
        "ltictl does not create registrations through Brightspace's interface.",
        why="D2L documents that there is a way, and not which members its body has.",
        fix="Start it in Brightspace: Manage Extensibility > LTI Advantage > Register Tool > "
        "Dynamic. Then: ltictl lms activate ID",
    )


def _remove(target: Target, state: LmsState) -> Steps[None]:
    path = f"{state.way}/registration/{target.client_id}"
    yield Call(
        path=path,
        method="DELETE",
        purpose="Delete the registration",
        accepts=frozenset({404}),  # another person was faster
    )


INTERFACE = Interface(
    slug="brightspace",
    basis="from source",
    token_place=("Admin tools", "Manage Extensibility", "OAuth 2.0", "Register an app"),
    authorize=_authorize,
    consent=Consent(_lacks_consent, _redirect, _page, _completed),
    who=_who,
    status=_status,
    switch=_switch,
    deploy=_deploy,
    create=_create,
    remove=_remove,
    places=(PlaceKind.ORG_UNIT,),
    hosts=("auth.brightspace.com",),
    causes={
        400: Cause(
            "Brightspace's token service does not know the application or the refresh token: a "
            "refresh token is good once, and another program may have used it.",
            "Make a new refresh token: 'ltictl help brightspace'.",
        ),
        401: Cause(
            "Brightspace does not accept the access token.",
            "Make a new refresh token: 'ltictl help brightspace'.",
        ),
        _FORBIDDEN: Cause(
            "The application lacks a scope, or the person who allowed it lacks the permission.",
            f"It needs: {' '.join(SCOPES)}; 'remove --at-lms' also {DELETION}.",
        ),
        404: Cause(
            "Brightspace has no such registration, or is too old for this interface.",
            "Look at 'ltictl lms status'.",
        ),
    },
)
