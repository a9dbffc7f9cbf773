"""The platform's own session: the cookie of a browser in which somebody has opened the course."""

import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response


class CourseSession:
    """The one session that everybody shares, since each visitor may play every person.

    Args:
        issuer: the platform; cookies do not know ports, so that the port is part of the name.
    """

    def __init__(self, issuer: str) -> None:
        self._name = f"ltictl-sandbox-{urlsplit(issuer).port}"
        self._value = secrets.token_urlsafe(12)

    def begin(self, response: Response) -> Response:
        """Set the cookie, which a browser sends to no frame of another site."""
        response.set_cookie(self._name, self._value, httponly=True, samesite="lax")
        return response

    def has(self, request: Request) -> bool:
        """Return whether the request carries the cookie."""
        value = request.cookies.get(self._name, "")
        return secrets.compare_digest(value.encode(), self._value.encode())
