"""The running embedded LMS: a socket, a server thread and the state behind it.

It only starts, connects and stops; what the platform does is decided elsewhere.
"""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ltictl.errors import LtictlError
from ltictl.sandbox.admin import AdminPages
from ltictl.sandbox.configuration import ADMIN_PATH
from ltictl.sandbox.families import FAMILIES
from ltictl.sandbox.family import FamilyCode
from ltictl.sandbox.launch_pages import LaunchPages
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.platforms import make_platform
from ltictl.sandbox.refusals import RefusalError
from ltictl.sandbox.web import HostGuard, Templates

_START_SECONDS = 10.0
_FINISH_SECONDS = 0.5


class Sandbox:
    """The embedded LMS as a context: it serves inside the block and is gone after it.

    Args:
        host: the address to bind, and the only host that requests may name.
        port: the port, 0 for any free one.
        clock: what time the platform believes it is, in seconds since 1970.
        site_name: the name of the school on the pages.
        family: the LMS that it imitates.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Callable[[], float] = time.time,
        site_name: str = "Sandbox School",
        family: FamilyCode = FamilyCode.MOODLE,
    ) -> None:
        self._host = host
        self._port = port
        self._clock = clock
        self._site_name = site_name
        self._family = FAMILIES[family]

    def __enter__(self) -> Self:
        """Bind, start serving, and return when requests are answered."""
        self._socket = _bind(self._host, self._port)
        self._authority = f"{self._host}:{self._socket.getsockname()[1]}"
        self.lms, endpoints = make_platform(
            self.base_url, self._family, site_name=self._site_name, clock=self._clock
        )
        app = _application(self.lms, endpoints, self._authority)
        self._server = uvicorn.Server(_configuration(app))
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="ltictl-sandbox", daemon=True
        )
        self._thread.start()
        self._wait_until_serving()
        return self

    def __exit__(self, *_failure: object) -> None:
        """Stop; answers in the making get half a second."""
        # uvicorn looks at this in its loop; it has no call by which another thread ends a server.
        self._server.should_exit = True
        self._thread.join()

    @property
    def base_url(self) -> str:
        """The issuer; known as soon as the socket is bound."""
        return f"http://{self._authority}"

    @property
    def admin_url(self) -> str:
        """The page on which an administrator manages the tools."""
        return self.base_url + ADMIN_PATH

    def _wait_until_serving(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self._socket.close()
                raise LtictlError("sandbox_not_started", "The embedded LMS did not start.")
            time.sleep(0.005)


def _bind(host: str, port: int) -> socket.socket:
    try:
        bound = socket.create_server((host, port))
    except OSError as error:
        raise LtictlError(
            "sandbox_port_taken",
            f"The embedded LMS cannot listen on {host}:{port}: {error.strerror}.",
            why="Another program, perhaps another embedded LMS, is using the port.",
            fix="Choose another port, or 0 for any free one.",
        ) from error
    # asyncio leaves this out for sockets made like that, at the price of 40 ms for each answer.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def _application(lms: Lms, endpoints: list[Route], authority: str) -> Starlette:
    templates = Templates(lms.site_name)

    async def refuse(_request: Request, error: Exception) -> Response:
        if not isinstance(error, RefusalError):
            raise error
        return templates.refusal(error)

    return Starlette(
        routes=[
            *endpoints,
            *AdminPages(lms, templates).routes(),
            *LaunchPages(lms, templates).routes(),
        ],
        middleware=[Middleware(HostGuard, authority=authority)],
        exception_handlers={RefusalError: refuse},
    )


def _configuration(app: Starlette) -> uvicorn.Config:
    """Quiet and self-contained: the addresses carry tokens, and signals belong to the caller."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="error",
        proxy_headers=False,
        server_header=False,
        # asyncio waits that long, and takes fractions. From Python 3.12 on only this ends the wait
        # for a connection that stays open; 'force_exit' does not.
        timeout_graceful_shutdown=_FINISH_SECONDS,  # type: ignore[arg-type]
    )
