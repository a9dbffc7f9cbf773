"""Find private keys in the answer of a public address, where anybody can read them; pure."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ltictl.errors import LtictlError
from ltictl.lti.foreign_keys import PRIVATE_MEMBERS
from ltictl.lti.keys import read_key
from ltictl.lti.strict_json import JsonError, PrecededError, parse_value

_PEM = b"PRIVATE KEY-----"
_BEGIN = b"-----BEGIN"
_LONGEST = 60  # characters shown of a foreign value
_NAMELESS = "a key without a kid"


def exposed_in(body: bytes) -> tuple[str, ...]:
    """Return the names of the keys whose private half stands in a body of any form."""
    names = [_name(each) for each in _objects(_document(body)) if _is_private(each)]
    if _PEM in body:
        names.append(_name_of_pem(body))
    return tuple(dict.fromkeys(names))


def _document(body: bytes) -> object:
    try:
        return parse_value(body)
    except PrecededError as error:
        return _document(error.rest)
    except JsonError:
        return None


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield all objects at any depth, which ``parse_value`` has limited."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


def _is_private(key: Mapping[str, Any]) -> bool:
    """Return whether an object is a key with a private member that is not empty."""
    return ("kty" in key or "n" in key) and any(key.get(name) for name in PRIVATE_MEMBERS)


def _name(key: Mapping[str, Any]) -> str:
    kid = key.get("kid")
    return kid[:_LONGEST] if isinstance(kid, str) and kid else _NAMELESS


def _name_of_pem(body: bytes) -> str:
    """Return the thumbprint of the key in a PEM, which may stand inside JSON."""
    # ltictl names its own keys by their thumbprints, so its operator recognises the key.
    with suppress(LtictlError):
        return read_key(body[max(0, body.find(_BEGIN)) :], b"").kid
    return _NAMELESS
