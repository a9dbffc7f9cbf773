"""Compare the redirect URIs of a tool with the addresses that its launches open; pure.

An LMS compares a ``redirect_uri`` with the registered ones letter by letter (OpenID Connect Core
1.0, 3.1.2.1), and LTI libraries send the launch's ``target_link_uri`` as the ``redirect_uri``.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from ltictl.lti.vocabulary import TOOL_CONFIGURATION


def unlisted_targets(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the launch addresses of a registration request that ``redirect_uris`` lacks."""
    configuration = request[TOOL_CONFIGURATION]
    messages = (each.get("target_link_uri") for each in configuration["messages"])
    targets = (configuration["target_link_uri"], *(each for each in messages if each))
    return tuple(dict.fromkeys(each for each in targets if each not in request["redirect_uris"]))


def describe_unlisted(unlisted: Iterable[str], listed: Iterable[str]) -> str:
    """Return a clause that names the missing addresses and the listed ones that resemble them.

    It is empty where no address is missing.
    """
    similar = {_loosely(each): each for each in listed}
    addresses = []
    for each in unlisted:
        other = similar.get(_loosely(each))
        addresses.append(f"{each} ({other} is another address)" if other else each)
    return f"redirect_uris does not list {', '.join(addresses)}" if addresses else ""


def _loosely(url: str) -> tuple[str, str]:
    """Return an address without the differences that people overlook."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return host, unquote(parts.path).casefold().rstrip("/")
