"""Changing a registration through its own address (RFC 7592; LTI's lti-reg scope); pure."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ltictl.lti.vocabulary import TOOL_CONFIGURATION

# RFC 7592, 2.2: what a client must not send back.
_SERVERS_OWN = (
    "registration_access_token",
    "registration_client_uri",
    "client_id_issued_at",
    "client_secret_expires_at",
    "client_secret",
)
# What a registration request of ours can hold: there, and not wanted any more, is to be removed.
_OURS = (
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "contacts",
    "scope",
)
_OURS_INSIDE = ("description", "custom_parameters")


class Difference(Struct, frozen=True):
    """One member that is not as the tool wants it.

    Attributes:
        member: its name, with that of the object around it where there is one.
        now: as the LMS has it, as JSON text; empty where it is absent.
        wanted: as the tool wants it, as JSON text; empty where it is to go.
    """

    member: str
    now: str
    wanted: str


def changed_client(
    current: Mapping[str, Any], request: Mapping[str, Any], client_id: str
) -> dict[str, Any]:
    """The body of an update: everything that the LMS has, with what the tool wants in its place.

    RFC 7592, 2.2: all members as they were returned; a member that is left out is deleted.
    """
    kept = {
        name: value
        for name, value in current.items()
        if name not in _SERVERS_OWN and name not in _OURS
    }
    return kept | dict(request) | {"client_id": client_id}


def differences(current: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return the changes of an update; the LMS's own additions do not count."""
    inside, wanted_inside = current.get(TOOL_CONFIGURATION), request[TOOL_CONFIGURATION]
    outer = {name: value for name, value in request.items() if name != TOOL_CONFIGURATION}
    return (
        *_between(current, outer, _OURS, ""),
        *_between(
            inside if isinstance(inside, dict) else {}, wanted_inside, _OURS_INSIDE, "tool: "
        ),
    )


def _between(
    current: Mapping[str, Any], wanted: Mapping[str, Any], ours: tuple[str, ...], where: str
) -> list[Difference]:
    names = dict.fromkeys((*wanted, *(name for name in ours if name in current)))
    return [
        Difference(f"{where}{name}", _shown(current, name), _shown(wanted, name))
        for name in names
        if not _agree(name, current.get(name), wanted.get(name))
    ]


def _agree(name: str, now: Any, wanted: Any) -> bool:
    """Whether the LMS has what is wanted; what it added to an object of ours does not matter."""
    if isinstance(now, dict) and isinstance(wanted, dict):
        return all(_agree(member, now.get(member), value) for member, value in wanted.items())
    if _are_objects(now) and _are_objects(wanted):
        return len(now) == len(wanted) and all(
            _agree(name, *pair) for pair in zip(now, wanted, strict=True)
        )
    return _comparable(name, now) == _comparable(name, wanted)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _comparable(name: str, value: Any) -> object:
    """The order of scopes, claims and addresses means nothing; an empty list is none."""
    if name == "scope" and isinstance(value, str):
        return frozenset(value.split()) - {"openid"}
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return frozenset(value) or None
    return value or None


def _shown(members: Mapping[str, Any], name: str) -> str:
    return json.dumps(members[name]) if name in members else ""
