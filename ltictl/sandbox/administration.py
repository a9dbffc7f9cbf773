"""The common part of the played interfaces for administrators: tokens, rights, throttling.

Each family's own addresses stand in a module of its own; ``platforms`` adds them to its routes.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from http import HTTPStatus

from msgspec import Struct, field
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]


class Administrator(Struct):
    """The people with tokens for a played LMS.

    Attributes:
        token: of an administrator who may do everything.
        rights: of further tokens, by token.
        everything: the rights of ``token``.
        features: those that the account has; without one its addresses answer 404.
        throttled: how many of the next requests are refused for a while.
        calls: method and path of every request so far, oldest first.
    """

    token: str = field(default_factory=lambda: f"sandbox~{secrets.token_urlsafe(32)}")
    rights: dict[str, frozenset[str]] = field(default_factory=dict)
    everything: frozenset[str] = frozenset()
    features: set[str] = field(default_factory=set)
    throttled: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)

    def token_with(self, *rights: str) -> str:
        """Return a token of somebody who may do less."""
        token = f"sandbox~{secrets.token_urlsafe(32)}"
        self.rights[token] = frozenset(rights)
        return token

    def rights_of(self, token: str) -> frozenset[str] | None:
        """Return the rights of a token, ``None`` for one that is not known."""
        # In constant time, as wherever a secret is compared.
        if secrets.compare_digest(token.encode(), self.token.encode()):
            return self.everything
        return self.rights.get(token)

    def takes_turn(self) -> bool:
        """Return whether this request is answered, and not put off."""
        if not self.throttled:
            return True
        self.throttled -= 1
        return False


def bearer_of(headers: Mapping[str, str]) -> str:
    """Return the token of a request's header, empty if it has none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def page_of(
    entries: Collection[object], request: Request, *, default: int, most: int
) -> tuple[list[object], dict[str, str]]:
    """Return one page of a list, and the ``Link`` header that leads to the next one (RFC 8288)."""
    size = min(most, _number(request, "per_page", default))
    number = _number(request, "page", 1)
    found = list(entries)[(number - 1) * size : number * size]
    links = [("current", number)]
    if number * size < len(entries):
        links.append(("next", number + 1))
    header = ",".join(
        f'<{request.url.include_query_params(page=at)}>; rel="{name}"' for name, at in links
    )
    return found, {"Link": header}


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() else default


def canvas_refusal(message: str, status: int = HTTPStatus.UNAUTHORIZED) -> Response:
    """Return a refusal in the form of Canvas: a list of errors."""
    from starlette.responses import JSONResponse

    return JSONResponse({"errors": [{"message": message}]}, status)
