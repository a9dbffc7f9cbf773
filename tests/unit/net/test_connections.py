"""Kept connections: used again for one host name, never shared by two names on one address."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from ltictl.net.client import GuardedClient
from ltictl.net.connections import Connections
from ltictl.net.failures import Failure, UnreachableError
from ltictl.net.policy import GuardPolicy

HOSTS = ("one.test", "two.test")


@pytest.fixture
def seen() -> Iterator[list[tuple[str, int]]]:
    """Host header and client port of each request; the port of the server comes first."""
    found: list[tuple[str, int]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.append((self.headers["Host"].partition(":")[0], self.client_address[1]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found.append(("", server.server_port))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


async def everything_here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def fetched(seen: list[tuple[str, int]], *, reuse: bool) -> list[tuple[str, int]]:
    port = seen.pop()[1]

    async def run() -> None:
        policy = GuardPolicy(allow_private=True, http_hosts=frozenset(HOSTS))
        async with GuardedClient(policy, everything_here, reuse=reuse) as client:
            for host in HOSTS * 3:
                await client.get(f"http://{host}:{port}/", deadline=5)

    asyncio.run(run())
    return seen


def test_a_connection_serves_one_name_only(seen: list[tuple[str, int]]) -> None:
    found = fetched(seen, reuse=True)

    assert [host for host, _ in found] == list(HOSTS * 3)
    assert len(set(found)) == 2  # one connection for each name, though the address is one


def test_without_reuse_each_request_has_its_own(seen: list[tuple[str, int]]) -> None:
    assert len(set(fetched(seen, reuse=False))) == 6


def test_the_guard_looks_at_every_request(seen: list[tuple[str, int]]) -> None:
    """A name that leads elsewhere the second time is refused although a connection is open."""
    port, answers = seen.pop()[1], iter((["127.0.0.1"], ["169.254.169.254"]))

    async def moving(_host: str, _port: int) -> list[str]:
        return next(answers)

    async def run() -> None:
        policy = GuardPolicy(allow_private=True, http_hosts=frozenset(HOSTS))
        async with GuardedClient(policy, moving, reuse=True) as client:
            for _ in range(2):
                await client.get(f"http://one.test:{port}/", deadline=5)

    with pytest.raises(UnreachableError) as caught:
        asyncio.run(run())
    assert caught.value.kind is Failure.PRIVATE
    assert len(seen) == 1


def test_the_longest_unused_pool_is_closed_first_and_none_in_use() -> None:
    closed: list[int] = []

    class Transport(httpx.AsyncHTTPTransport):
        async def aclose(self) -> None:
            closed.append(made.index(self))
            await super().aclose()

    made: list[Transport] = []

    def make() -> Transport:
        made.append(Transport(verify=False))
        return made[-1]

    async def run() -> None:
        connections = Connections(make, most=2)
        async with connections.to("a"):
            for host in "bcdb":
                async with connections.to(host):
                    pass
            assert closed == [1, 2, 3]  # but never a, which is in use
        await connections.aclose()

    asyncio.run(run())
    assert sorted(closed) == list(range(len(made)))
