"""The checks before every request: exact ``Host``, own ``Origin``, and headers on every answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from ltictl.model.web_address import WebAddress

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    "Cache-Control": "no-store",
    # One request a connection: none stays open to fill the process's table of files.
    "Connection": "close",
    # Not no-referrer: that would turn the form's own Origin into "null" (measured in two engines).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Doorway(Struct, frozen=True):
    """The addresses that count as the callback server's own.

    Attributes:
        hosts: allowed values of ``Host``, in lower case.
        origins: allowed values of ``Origin``.
    """

    hosts: frozenset[str]
    origins: frozenset[str]

    def joined(self, other: "Doorway") -> "Doorway":
        """Return a doorway for the addresses of both."""
        return Doorway(self.hosts | other.hosts, self.origins | other.origins)

    def guard(self, application: "ASGIApp") -> "ASGIApp":
        """Wrap an application in the checks that every request has to pass."""

        async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
            async def send_with_headers(message: "Message") -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    for name, value in _HEADERS.items():
                        headers.setdefault(name, value)
                await send(message)

            # X-Forwarded-Host and the like are ignored, since every client can send them.
            named = Headers(scope=scope).getlist("host")
            if len(named) == 1 and named[0].lower() in self.hosts:
                await application(scope, receive, send_with_headers)
            else:
                refusal = PlainTextResponse("Misdirected request\n", 421)
                await refusal(scope, receive, send_with_headers)

        return serve

    def is_own_form(self, headers: Mapping[str, str]) -> bool:
        """Return whether a POST comes from one of our own pages, as far as the browser says."""
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site")
        # Old browsers send neither header; the signed state in the form protects those.
        return origin in {None, *self.origins} and site in {None, "same-origin"}


def spellings(path: str) -> dict[str, None]:
    """Return every spelling of the page's path that LMSs use."""
    plain = [each.rstrip("/") for each in (path, "/register")]
    # Some LMSs add a slash, and some encode the "?", which makes the query a part of the path.
    ends = ("", "/", "?{query:path}", "/?{query:path}")
    found = (f"{each}{end}" for each in plain for end in ends)
    return dict.fromkeys(each for each in found if each.startswith("/"))


def doorway_of(base: str, port: int) -> tuple[str, Doorway]:
    """Return the path of the page at ``base``, and its doorway for a server at ``port``."""
    address, local = WebAddress.parse(base), f"127.0.0.1:{port}"
    doorway = Doorway(
        hosts=frozenset({local, address.authority}),
        origins=frozenset({f"http://{local}", address.origin}),
    )
    return address.path or "/", doorway
