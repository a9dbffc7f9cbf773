"""A desk for one school that registers at once, behind the real server on a real socket."""

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from ltictl.callback.application import Callback
from ltictl.callback.desk import Admission, Choice, Offer, Outcome, Result, UnusableLinkError
from ltictl.callback.doorway import Doorway
from ltictl.callback.server import CallbackServer, bind
from ltictl.errors import LtictlError, NotFoundError

NASTY = "<script>alert(1)</script>\"'&{{7777*7777}}\u202e"


@dataclass
class OneSchool:
    """Both the desk and the visitor: everything foreign on its page is nasty."""

    offer: Offer
    registered: list[tuple[str, str]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    problem: NotFoundError | None = None
    known: tuple[Choice, ...] = ()

    def admit(self, token: str) -> Admission:
        if token != "id.secret":
            raise UnusableLinkError
        return Admission("id", self.problem)

    async def open(
        self, invitation: str, configuration_url: str, token: str, program: str
    ) -> "OneSchool":
        self.programs.append(program)
        self.opened.append(f"{invitation} {configuration_url} {token}")
        return self

    def note_click(self, invitation: str) -> str:
        self.opened.append(f"{invitation} was clicked")
        return "In Example LMS: Tools."

    def close(self, invitation: str) -> None:
        self.closed.append(invitation)

    def defect(self, error: Exception) -> LtictlError:
        return LtictlError("internal_error", f"broken: {type(error).__name__}")

    def key_set(self) -> dict[str, Any]:
        return {"keys": []}

    def organization(self, typed: str) -> str:
        return typed or "acme"

    def earlier(self, organization: str) -> tuple[Choice, ...]:
        del organization
        return self.known

    def register(self, organization: str, replaces: str) -> "Future[Result]":
        self.registered.append((organization, replaces))
        future: Future[Result] = Future()
        future.set_result(Result(Outcome.REGISTERED, NASTY, steps=(NASTY,), warnings=(NASTY,)))
        return future

    def cancel(self) -> Result:
        return Result(Outcome.CANCELLED, "cancelled")


def nasty_offer() -> Offer:
    return Offer(
        tool=NASTY,
        lms=NASTY,
        version=NASTY,
        host="lms.example",
        school=NASTY,
        hosts=(NASTY,),
        registers_at=NASTY,
        services=(NASTY,),
        data=(NASTY,),
        organization=NASTY,
        warnings=(NASTY,),
    )


@dataclass
class Served:
    """A running callback."""

    desk: OneSchool
    port: int
    visit: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.base}/register?t=id.secret&openid_configuration=https://lms.example/{self.visit}"

    def raw(self, request: bytes) -> bytes:
        """Send exact bytes and read until the server closes, for a second at most."""
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.settimeout(1)
            connection.sendall(request)
            received = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                while part := connection.recv(65536):
                    received += part
            return received


@contextlib.contextmanager
def served(path: str = "/register") -> Iterator[Served]:
    listener = bind("127.0.0.1", 0)
    port = int(listener.getsockname()[1])
    desk = OneSchool(nasty_offer())
    local = f"127.0.0.1:{port}"
    doorway = Doorway(
        frozenset({local, "tool.example"}), frozenset({f"http://{local}", "https://tool.example"})
    )
    server = CallbackServer(listener, Callback(desk, path, doorway, "https:").asgi)
    server.start()
    try:
        yield Served(desk, port)
    finally:
        server.stop(0.2)
