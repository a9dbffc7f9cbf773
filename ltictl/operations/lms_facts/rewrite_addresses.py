"""Rewrite the addresses of an LMS for a new issuer, where they lay at the former one; pure.

Only scheme, host, port and the issuer's own folder change: an LMS that moves keeps the paths of its
endpoints, and nothing else about a new address can be guessed.
"""

from typing import Final

from ltictl.errors import InvalidValueError, UsageError
from ltictl.model.hint import hint
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress

_BESIDE: Final = ("registration_endpoint", "configuration_url")


def rewritten(url: str, former: str, new: str) -> str | None:
    """Return a URL at the new issuer, ``None`` where it belongs to neither of the two.

    Args:
        url: absolute URL of the LMS.
        former: the issuer so far.
        new: the issuer from now on.

    Raises:
        InvalidValueError: one of them is no URL.
    """
    address, old, target = (WebAddress.parse(each) for each in (url, former, new))
    if address.origin != old.origin:
        return url if address.origin == target.origin else None
    folder, new_folder = old.path.rstrip("/"), target.path.rstrip("/")
    inside = address.path == folder or address.path.startswith(f"{folder}/")
    # Beside the issuer's own folder: where that one is renamed, nothing tells where the rest went.
    if not inside and folder != new_folder:
        return url if address.origin == target.origin else None
    path = new_folder + address.path[len(folder) :] if inside else address.path
    query = f"?{address.query}" if "?" in url else ""
    return f"{target.origin}{path}{query}"


def moved_where_possible(url: str, former: str, new: str) -> str:
    """Return a URL at the new issuer where it lay at the former one, else as it is.

    Unlike an endpoint, it may be empty or no URL at all, as an audience may.
    """
    if url == former:
        return new
    try:
        return rewritten(url, former, new) or url
    except InvalidValueError:
        return url


def at_new_issuer(identifier: str, platform: Platform, issuer: str) -> Platform:
    """Return an LMS as it is at its new address.

    Args:
        identifier: of its integration.
        platform: the LMS at its former address.
        issuer: the new issuer.

    Raises:
        UsageError: ``endpoints_elsewhere``: an endpoint did not lie at the former issuer's address.
    """
    former = platform.issuer
    endpoints = {name: getattr(platform, name) for name in ENDPOINTS}
    moved = {name: rewritten(url, former, issuer) for name, url in endpoints.items() if url}
    elsewhere = [name for name, url in moved.items() if url is None]
    if elsewhere:
        raise _elsewhere(identifier, platform, issuer, elsewhere)
    beside = {name: getattr(platform, name) for name in (*_BESIDE, "audience")}
    moved |= {name: moved_where_possible(url, former, issuer) for name, url in beside.items()}
    return replace(platform, issuer=issuer, **moved)


def _elsewhere(identifier: str, platform: Platform, issuer: str, names: list[str]) -> UsageError:
    hosts = {WebAddress.parse(getattr(platform, name)).authority for name in names}
    read = hint("move", identifier, "--issuer", issuer, "--from-configuration", "URL")
    return UsageError(
        "endpoints_elsewhere",
        f"{identifier} has endpoints outside of {platform.issuer}: {', '.join(names)} at "
        f"{', '.join(sorted(hosts))}.",
        why="Only endpoints at the former issuer's own address can be rewritten for the new one.",
        fix=f"To read them: {read}. Where the LMS shows no configuration, record the new "
        "ones first, since an endpoint at the new address stays as it is: "
        + hint("edit", identifier, *(f"--set={name}={issuer.rstrip('/')}/..." for name in names)),
    )
