"""The platform's own session: the cookie of a browser in which somebody has opened the course."""

import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response


class Session:
    """One for everybody, since anyone may be any person of the rehearsal course.

    Args:
        issuer: the platform; cookies do not know ports, so that the port is part of the name.
    """

    def __init__(self, issuer: str) -> None:
        self._name = f"ltictl-sandbox-{urlsplit(issuer).port}"
        self._value = secrets.token_urlsafe(12)

    def begin(self, response: Response) -> Response:
        """Let the browser keep the cookie; a browser sends it to no frame of another site."""
        response.set_cookie(self._name, self._value, httponly=True, samesite="lax")
        return response

    def has(self, request: Request) -> bool:
        """Whether the request comes from such a browser."""
        given = request.cookies.get(self._name, "")
        return secrets.compare_digest(given.encode(), self._value.encode())
