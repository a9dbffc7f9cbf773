"""Compare and change a registration at its own address (RFC 7592; LTI's lti-reg scope); pure."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ltictl.lti.vocabulary import TOOL_CONFIGURATION

# A client must not send these back (RFC 7592, 2.2).
_SERVERS_OWN = (
    "registration_access_token",
    "registration_client_uri",
    "client_id_issued_at",
    "client_secret_expires_at",
    "client_secret",
)
# A registration request of ltictl can hold these: one that the LMS has and the tool no longer wants
# must be removed.
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
    """One member whose value differs from the tool's settings.

    Attributes:
        member: its name, after the name of the object around it where there is one.
        now: its value at the LMS as JSON text; empty where it is absent.
        wanted: its value in the tool's settings as JSON text; empty where it must be removed.
    """

    member: str
    now: str
    wanted: str


def changed_client(
    current: Mapping[str, Any], request: Mapping[str, Any], client_id: str
) -> dict[str, Any]:
    """Return the body of an update: the LMS's members, with the tool's wanted values in them."""
    # The LMS deletes a member that the body leaves out, so it repeats all others (RFC 7592, 2.2).
    others = {
        name: value
        for name, value in current.items()
        if name not in _SERVERS_OWN and name not in _OURS
    }
    return others | dict(request) | {"client_id": client_id}


def compare_client(
    current: Mapping[str, Any], request: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """Return the changes that an update makes; the LMS's own additions do not count."""
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
    """Return whether the LMS has the wanted value; its additions to an object do not matter."""
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
    """Return a value in a form that compares equal wherever the meaning is the same."""
    # The order of scopes, claims and addresses has no meaning, and an empty list equals none.
    if name == "scope" and isinstance(value, str):
        return frozenset(value.split()) - {"openid"}
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return frozenset(value) or None
    return value or None


def _shown(members: Mapping[str, Any], name: str) -> str:
    return json.dumps(members[name]) if name in members else ""
