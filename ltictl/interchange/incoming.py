"""The content of another runtime's document, before it is checked against the profile.

The border for foreign documents: JSON in, typed facts out; nothing here knows the profile.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from ltictl.errors import UsageError
from ltictl.interchange.addresses import NO_TOKEN_ENDPOINT, without_ending
from ltictl.model.integration import Deployment, FormerAddress, Scopes, Status
from ltictl.model.platform import Platform

_MAX_BYTES = 64 * 1024 * 1024
_NO_SCOPES = Scopes()


class Found(Struct, frozen=True):
    """One registration in a document.

    Attributes:
        platform: the LMS.
        client_id: as the LMS issued it.
        deployments: may be empty.
        status: as the document says; ``active`` where it does not.
        id: integration id, empty where the format has none.
        organization: slug, empty where the format has none.
        organization_name: name of the organization, empty where the format has none.
        scopes: where the format has them.
        created_at: where the format has it.
        former_client_ids: former clients that may be in use, where the format has them.
        former_addresses: its clients at the addresses before a move, where the format has them.
    """

    platform: Platform
    client_id: str
    deployments: tuple[Deployment, ...] = ()
    status: Status = Status.ACTIVE
    id: str = ""
    organization: str = ""
    organization_name: str = ""
    scopes: Scopes = _NO_SCOPES
    created_at: datetime | None = None
    former_client_ids: tuple[str, ...] = ()
    former_addresses: tuple[FormerAddress, ...] = ()


class ForeignDocument(Struct, frozen=True):
    """Everything that a document holds.

    Attributes:
        found: in the document's order.
        warnings: what it holds that ltictl does not take over.
    """

    found: tuple[Found, ...]
    warnings: tuple[str, ...] = ()


def unreadable(problem: str) -> UsageError:
    """Return the error for a document that is not what the format says."""
    return UsageError(
        "document_not_understood",
        f"The document cannot be taken over: {problem.removesuffix('.')}.",
        why="It is of another format, or was cut off.",
        fix="Name the right format: ltictl import FORMAT FILE.",
    )


def parse_json(data: bytes) -> Any:
    """Return the JSON value in ``data``.

    Raises:
        UsageError: it is none.
    """
    if len(data) > _MAX_BYTES:
        raise unreadable("it is larger than 64 MB")
    try:
        return json.loads(data)
    # Deep nesting exhausts the stack of Python's reader.
    except (ValueError, RecursionError) as error:
        raise unreadable("it is not JSON") from error


def table(value: object, where: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        UsageError: it is something else.
    """
    if not isinstance(value, dict):
        raise unreadable(f"{where} is not an object")
    return value


def rows(value: object, where: str) -> list[Any]:
    """Return a JSON list.

    Raises:
        UsageError: it is something else.
    """
    if not isinstance(value, list):
        raise unreadable(f"{where} is not a list")
    return value


def text(members: dict[str, Any], name: str, where: str, *, needed: bool = False) -> str:
    """Return a string member; missing, ``null`` and empty are the same.

    Raises:
        UsageError: it is something else, or it is needed and missing.
    """
    value = members.get(name)
    if value in (None, "") and not needed:
        return ""
    if not isinstance(value, str) or not value:
        raise unreadable(f"{where} has no usable {name!r}")
    return value


def platform_of(members: dict[str, Any], names: dict[str, str], issuer: str) -> Platform:
    """Return the platform that a registration of another runtime describes.

    Args:
        members: the registration.
        names: what it calls ``authorization_endpoint``, ``token_endpoint``, ``jwks_uri`` and
            ``audience``.
        issuer: byte for byte.
    """
    token = text(members, names["token_endpoint"], issuer, needed=True)
    token = "" if token == NO_TOKEN_ENDPOINT else token
    authorization = text(members, names["authorization_endpoint"], issuer, needed=True)
    return Platform(
        issuer=issuer,
        authorization_endpoint=without_ending(authorization),
        token_endpoint=token,
        jwks_uri=text(members, names["jwks_uri"], issuer, needed=True),
        audience=text(members, names["audience"], issuer) or token,
    )


def each_once(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return the same, without what a document holds twice (organization, issuer, client_id)."""
    unique = {(each.organization, each.platform.issuer, each.client_id): each for each in found}
    return tuple(unique.values())
