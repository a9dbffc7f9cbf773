"""Reduce a request to an LMS, and its answer, to the parts that an integration keeps; pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

# RFC 7591, 3.2.1. An LMS may repeat them inside members of its own.
_SECRETS: Final = ("registration_access_token", "client_secret")
_LONGEST: Final = 64 * 1024  # characters; a request of the largest tool has 12,000


def without_secret_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's document without its secrets, at any depth."""
    return {name: _kept(value) for name, value in document.items() if name not in _SECRETS}


def request_to_keep(body: str) -> str:
    """Return the body of a request as JSON text without secrets.

    It is empty for a body that is no JSON object, or is too long to be kept with an integration.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    text = json.dumps(without_secret_members(document))
    return text if len(text) <= _LONGEST else ""


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secret_members(value)
    if isinstance(value, list):
        return [_kept(each) for each in value]
    return value
