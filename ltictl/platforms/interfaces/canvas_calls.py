"""The form of every call of Canvas's interface: string ids, pages by ``Link``. From source."""

from collections.abc import Mapping
from typing import Any, Final

from ltictl.platforms.administration import Call, Steps, tables_of, waited_for

# The domain's root account of any number (C-API: "self" stands for it in every address).
ROOT: Final = "/api/v1/accounts/self"
TABLE: Final = f"{ROOT}/lti_registrations"
ABSENT: Final = frozenset({404})
# Ids are larger than a JavaScript number holds (C-API); with this they come as text.
_HEADERS: Final = {"Accept": "application/json+canvas-string-ids"}


def call(
    path: str,
    *,
    method: str = "GET",
    json: Any = None,
    purpose: str = "",
    presumed: Any = None,
    accepts: frozenset[int] = frozenset(),
) -> Call:
    """Return a call with the headers that all of them have."""
    return Call(
        path=path,
        method=method,
        json=json,
        headers=_HEADERS,
        purpose=purpose,
        presumed=presumed,
        accepts=accepts,
    )


def pages(
    path: str, *, accepts: frozenset[int] = frozenset()
) -> Steps[list[dict[str, Any]] | None]:
    """Return the entries of a list from all its pages, ``None`` for an accepted refusal."""
    found: list[dict[str, Any]] = []
    while path:
        reply = yield call(path, accepts=accepts)
        if not reply.succeeded:
            return found or None
        found += tables_of(reply.document)
        path = reply.following
    return found


def preset(base: str) -> str:
    """Return the preset of an account; hosted ones share those of their environment."""
    host = base.partition("//")[2]
    for environment in ("beta", "test"):
        if host.endswith(f".{environment}.instructure.com"):
            return f"canvas-{environment}"
    return "canvas" if host.endswith(".instructure.com") else "canvas-self-hosted"


def throttled(status: int, headers: Mapping[str, str], body: bytes) -> float | None:
    """C-API: a bucket that is empty is answered with 403 and these words, or with 429."""
    if status == 403 and b"Rate Limit Exceeded" in body:  # noqa: PLR2004  the very number
        return waited_for(429, headers, body)
    return waited_for(status, headers, body)
