"""The monitor of a service: health, readiness and metrics, for programs on this computer alone."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ltictl.callback.doorway import Doorway

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LOOPBACK: Final = "127.0.0.1"
_EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"


def make_monitor(port: int, problem: Callable[[], str], metrics: Callable[[], str]) -> "ASGIApp":
    """Make the application of the monitor.

    Args:
        port: where it listens on loopback.
        problem: says why the service is not ready, empty if it is.
        metrics: writes the metrics in Prometheus's text format.
    """

    async def health(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readiness(_: Request) -> Response:
        # It reads the disk, and a slow one must not stop the health check.
        found = await asyncio.to_thread(problem)
        return PlainTextResponse(f"{found or 'ready'}\n", 503 if found else 200)

    async def exposition(_: Request) -> Response:
        return Response(await asyncio.to_thread(metrics), media_type=_EXPOSITION)

    application = Starlette(
        routes=[
            Route("/healthz", health),
            Route("/readyz", readiness),
            Route("/metrics", exposition),
        ]
    )
    # A redirect would repeat the Host of the request.
    application.router.redirect_slashes = False
    # A page of a stranger that has its name lead to loopback cannot read it: the host must match.
    hosts = frozenset({f"{LOOPBACK}:{port}", f"localhost:{port}"})
    return Doorway(hosts, frozenset()).guard(application)
