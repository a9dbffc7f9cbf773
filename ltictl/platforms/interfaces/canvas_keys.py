"""Developer keys, the way to a registration that every version of Canvas has. From source.

Sources: C-DK (the developer keys' serializer), C-TOOL (lti/tool_configurations_api_controller),
C-EXT (the external tools' API), and scripts in the field.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from ltictl.model.lms_side import LmsDeployment, LmsState, Place, PlaceKind, Target
from ltictl.platforms.administration import Created, Creation, Steps, text_of, unusable
from ltictl.platforms.interfaces.canvas_calls import ABSENT, ROOT, call, pages

KEYS: Final = "developer keys"
_LOCAL: Final = 10**13  # a shard has so many ids; a global id begins with the shard's number


def same_id(one: str, other: str) -> bool:
    """Return whether two ids name one thing, of which one may lack the number of its shard."""
    if not (one.isdecimal() and other.isdecimal()):
        return one == other
    first, second = int(one), int(other)
    if first < _LOCAL or second < _LOCAL:
        return first % _LOCAL == second % _LOCAL
    return first == second


def client_id_of(document: Mapping[str, Any]) -> Steps[str]:
    """Return the client_id of a registration: the global id of its key, which launches carry."""
    key = text_of(document, "developer_key_id") or text_of(document, "client_id")
    if not key.isdecimal() or int(key) >= _LOCAL:
        return key
    for each in (yield from _list_keys()):
        if same_id(text_of(each, "id"), key):
            return text_of(each, "id")
    return key


def _list_keys() -> Steps[list[dict[str, Any]]]:
    return (yield from pages(f"{ROOT}/developer_keys?per_page=100", accepts=ABSENT)) or []


def key_state(target: Target) -> Steps[LmsState]:
    """Return the LMS's side of a developer key."""
    for each in (yield from _list_keys()):
        if text_of(each, "id") != target.client_id:
            continue
        word = text_of(each, "developer_key_account_binding", "workflow_state") or "off"
        return LmsState(
            found=True,
            active=word == "on" and text_of(each, "workflow_state") in {"", "active", "on"},
            word=word,
            key=target.client_id,
            deployments=(yield from key_tools(target.client_id)),
            way=KEYS,
        )
    return LmsState(found=False)


def key_tools(client_id: str) -> Steps[tuple[LmsDeployment, ...] | None]:
    """Return the deployments of a key in the root account, as external tools (C-EXT)."""
    listed = yield from pages(f"{ROOT}/external_tools?per_page=100", accepts=ABSENT)
    if listed is None:
        return None
    return tuple(
        LmsDeployment(
            id=text_of(each, "deployment_id"),
            kind=PlaceKind.ACCOUNT,
            context=text_of(each, "context_id"),
            name=text_of(each, "context_name"),
            available=True,
        )
        for each in listed
        if text_of(each, "developer_key_id")
        and same_id(text_of(each, "developer_key_id"), client_id)
    )


def switch_key(client_id: str, word: str) -> Steps[str]:
    """Switch a key, and its binding to the account: a launch wants both."""
    key = quote(client_id, safe="")
    yield call(
        f"/api/v1/developer_keys/{key}",
        method="PUT",
        json={"developer_key": {"workflow_state": word}},
        purpose=f"Switch the developer key {word}",
        presumed={},
    )
    bound = yield call(
        f"{ROOT}/developer_keys/{key}/developer_key_account_bindings",
        method="POST",
        json={"developer_key_account_binding": {"workflow_state": word}},
        purpose=f"Switch the key {word} in the account",
        presumed={"workflow_state": word},
    )
    return text_of(bound.document, "workflow_state") or word


def deploy_key(client_id: str, state: LmsState, place: Place) -> Steps[LmsDeployment]:
    """Add the tool at a place by its client_id, unless it is at the root already."""
    if place.kind is PlaceKind.ACCOUNT and not place.id and state.deployments:
        return state.deployments[0]
    course = place.kind is PlaceKind.COURSE
    where = f"/api/v1/courses/{place.id}" if course else f"/api/v1/accounts/{place.id or 'self'}"
    request = call(
        f"{where}/external_tools",
        method="POST",
        json={"client_id": client_id},
        purpose=f"Add the tool in {place.kind.value} {place.id or 'self'}",
        presumed={"deployment_id": "NEW"},
    )
    made = yield request
    identifier = text_of(made.document, "deployment_id")
    if not identifier:
        raise unusable(request, "it names no deployment")
    name = text_of(made.document, "context_name")
    return LmsDeployment(identifier, kind=place.kind, context=place.id, name=name, available=True)


def remove_key(client_id: str) -> Steps[None]:
    """Delete a developer key, and with it every deployment (C-DK)."""
    yield call(
        f"/api/v1/developer_keys/{quote(client_id, safe='')}",
        method="DELETE",
        purpose="Delete the developer key",
        accepts=ABSENT,  # another person was faster
    )


def create_key(creation: Creation) -> Steps[Created]:
    """Enter the tool as a developer key (C-TOOL), switched off. Doing it twice makes two keys."""
    request = call(
        "/api/lti/accounts/self/developer_keys/tool_configuration",
        method="POST",
        json={
            "tool_configuration": {"settings": dict(creation.document or {})},
            "developer_key": {
                "name": creation.request["client_name"],
                "notes": creation.marker,
                "redirect_uris": "\n".join(creation.request["redirect_uris"]),
            },
        },
        purpose="Enter the tool as a developer key",
        presumed={"developer_key": {"id": "10000000000000"}},
    )
    made = yield request
    client_id = text_of(made.document, "developer_key", "id")
    if not client_id:
        raise unusable(request, "it names no developer key")
    return Created(client_id)


def key_created_as(marker: str) -> Steps[str]:
    """Return the key with these notes, empty if there is none."""
    for each in (yield from _list_keys()):
        if text_of(each, "notes") == marker:
            return text_of(each, "id")
    return ""
