"""Kept connections: used again for one host name, never shared by two names on one address."""

import asyncio
import contextlib
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


def fetch(seen: list[tuple[str, int]], *, reuse: bool) -> list[tuple[str, int]]:
    port = seen.pop()[1]

    async def run() -> None:
        policy = GuardPolicy(allow_private=True, http_hosts=frozenset(HOSTS))
        async with GuardedClient(policy, everything_here, reuse=reuse) as client:
            for host in HOSTS * 3:
                await client.get(f"http://{host}:{port}/", deadline=5)

    asyncio.run(run())
    return seen


def test_a_connection_serves_one_name_only(seen: list[tuple[str, int]]) -> None:
    found = fetch(seen, reuse=True)

    assert [host for host, _ in found] == list(HOSTS * 3)
    assert len(set(found)) == 2  # one connection for each name, though the address is one


def test_without_reuse_each_request_has_its_own(seen: list[tuple[str, int]]) -> None:
    assert len(set(fetch(seen, reuse=False))) == 6


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


def test_a_name_that_moved_is_not_asked_over_the_connection_to_its_former_address() -> None:
    """Each request goes to an address that was checked for it, not to one checked before."""
    reached: list[str] = []
    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError), contextlib.closing(writer):
            while await reader.readuntil(b"\r\n\r\n"):
                reached.append(writer.get_extra_info("sockname")[0])
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    answers = iter((["127.0.0.1"], ["::1"], ["127.0.0.1"]))

    async def moving(_host: str, _port: int) -> list[str]:
        return next(answers)

    async def run() -> None:
        policy = GuardPolicy(allow_private=True, http_hosts=frozenset(HOSTS))
        try:
            first = await asyncio.start_server(serve, "::1", 0)
        except OSError:
            pytest.skip("This computer has no IPv6.")
        port = first.sockets[0].getsockname()[1]
        second = await asyncio.start_server(serve, "127.0.0.1", port)
        async with GuardedClient(policy, moving, reuse=True) as client:
            for _ in range(3):
                await client.get(f"http://one.test:{port}/", deadline=5)
        first.close()
        second.close()
        await asyncio.wait(filter(None, serving))

    asyncio.run(run())

    assert reached == ["127.0.0.1", "::1", "127.0.0.1"]


class Transport(httpx.AsyncHTTPTransport):
    """Tells when it was closed."""

    def __init__(self, closed: list["Transport"]) -> None:
        super().__init__(verify=False)
        self._closed = closed

    async def aclose(self) -> None:
        self._closed.append(self)
        await super().aclose()


def test_the_longest_unused_is_closed_first_and_none_in_use() -> None:
    closed: list[Transport] = []

    async def run() -> None:
        connections = Connections(lambda: Transport(closed), most=2)
        used = {}
        async with connections.to("a") as in_use:
            for host in "bcdb":
                async with connections.to(host) as used[host]:
                    pass
            assert closed[1:] == [used["c"]]  # the first b came before it; never a
            await connections.aclose()
            assert set(closed[2:]) == {used["b"], used["d"]}
            assert in_use not in closed
        assert closed[-1] is in_use

    asyncio.run(run())
    assert len(closed) == len(set(closed)) == 5


def test_two_requests_at_once_do_not_share_a_transport() -> None:
    async def run() -> None:
        connections = Connections(lambda: Transport([]))
        async with connections.to("a") as first, connections.to("a") as second:
            assert first is not second
        async with connections.to("a") as third:
            assert third in {first, second}
        await connections.aclose()

    asyncio.run(run())


def test_a_host_gets_four_requests_at_once_and_the_others_wait_for_their_turn() -> None:
    here: list[int] = [0]

    async def run() -> None:
        four = asyncio.Barrier(4)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            here.append(here[-1] + 1)
            await four.wait()  # with fewer than four at once nobody would be answered
            here.append(here[-1] - 1)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        policy = GuardPolicy(allow_private=True, http_hosts=frozenset(HOSTS))
        async with GuardedClient(policy, everything_here) as client:
            url = f"http://one.test:{port}/"
            await asyncio.gather(*(client.get(url, deadline=20) for _ in range(12)))
        server.close()

    asyncio.run(run())

    assert max(here) == 4
