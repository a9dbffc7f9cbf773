"""uvicorn behaves as the callback server expects, seen by a subclass that only watches.

``H11Protocol`` is private to uvicorn: a release may change it, and this fails then, rather than
the page of an administrator.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from msgspec import Struct
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

MAX_HEAD = 4096
BATCH = 3
HEAD = b"POST /there HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
SECONDS = 20


class Watched(Struct):
    """One server on a real socket, and what its protocol class was called for.

    Attributes:
        calls: the methods that a subclass may override, in the order in which uvicorn called them.
        connections: the protocol objects, oldest first.
        bodies: what the application received.
        answer: set to let the application answer.
    """

    server: uvicorn.Server
    serving: asyncio.Task[None]
    port: int
    calls: list[str]
    connections: list[H11Protocol]
    bodies: list[bytes]
    answer: asyncio.Event

    @contextlib.asynccontextmanager
    async def visitor(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await self.until(lambda: bool(self.connections))
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            await self.until(lambda: not self.server.server_state.connections)

    async def handle(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send, and wait until the protocol object has looked at it."""
        before = self.calls.count("handle_events")
        writer.write(data)
        await self.until(lambda: self.calls.count("handle_events") > before)

    async def until(self, happened: Callable[[], bool]) -> None:
        while not happened():  # noqa: ASYNC110  uvicorn offers no event for it
            await asyncio.sleep(0)


def watching(calls: list[str], connections: list[H11Protocol]) -> type[H11Protocol]:
    class Watching(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            calls.append("connection_made")
            super().connection_made(transport)
            connections.append(self)

        def handle_events(self) -> None:
            calls.append("handle_events")
            super().handle_events()

        def connection_lost(self, exc: Exception | None) -> None:
            calls.append("connection_lost")
            super().connection_lost(exc)

    return Watching


def more_of(connection: H11Protocol) -> bool | None:
    """Whether more of a request's body is to come; None before there is a request."""
    cycle: RequestResponseCycle | None = connection.cycle
    return None if cycle is None else cycle.more_body


def watch(story: Callable[[Watched], Awaitable[None]]) -> None:
    """Serve in this loop while the story goes on."""

    async def main() -> None:
        calls: list[str] = []
        connections: list[H11Protocol] = []
        bodies: list[bytes] = []
        answer = asyncio.Event()

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            del scope
            more = True
            while more:
                message = await receive()
                bodies.append(message.get("body", b""))
                more = message.get("more_body", False)
            await answer.wait()
            closing = [(b"connection", b"close")]
            await send({"type": "http.response.start", "status": 204, "headers": closing})
            await send({"type": "http.response.body"})

        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(configuration(application, watching(calls, connections)))
            port = listener.getsockname()[1]
            serving = asyncio.create_task(server._serve([listener]))  # noqa: SLF001  no signals
            watched = Watched(server, serving, port, calls, connections, bodies, answer)
            await watched.until(lambda: server.started)
            await story(watched)
            server.should_exit = server.force_exit = True
            await serving

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def configuration(
    application: Callable[[Scope, Receive, Send], Awaitable[None]], protocol: type[H11Protocol]
) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="asyncio",
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BATCH,
        h11_max_incomplete_event_size=MAX_HEAD,
        timeout_keep_alive=2,
    )


def test_one_request_byte_by_byte_calls_the_overridden_methods() -> None:
    async def story(server: Watched) -> None:
        async with server.visitor() as (reader, writer):
            (connection,) = server.connections
            assert server.calls == ["connection_made"]
            assert connection.loop is asyncio.get_running_loop()
            peer = connection.transport.get_extra_info("peername")
            assert peer == writer.get_extra_info("sockname")

            for sent in range(len(HEAD)):
                assert more_of(connection) is None, HEAD[:sent]
                await server.handle(writer, HEAD[sent : sent + 1])
            assert more_of(connection) is True

            await server.handle(writer, b"bod")
            assert more_of(connection) is True
            await server.handle(writer, b"y")
            assert more_of(connection) is False
            await server.until(lambda: b"".join(server.bodies) == b"body")

            assert "connection_lost" not in server.calls
            server.answer.set()
            assert (await reader.read()).startswith(b"HTTP/1.1 204 ")
        assert server.calls[-1] == "connection_lost"
        assert server.calls.count("connection_lost") == 1

    watch(story)


def test_a_request_without_a_body_is_whole_at_once() -> None:
    async def story(server: Watched) -> None:
        async with server.visitor() as (_, writer):
            await server.handle(writer, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

            assert more_of(server.connections[0]) is False

    watch(story)


@pytest.mark.parametrize("sent", [b"", HEAD[:30], HEAD, HEAD + b"body"])
def test_an_aborted_connection_is_lost_once_and_its_visitor_learns_it(sent: bytes) -> None:
    async def story(server: Watched) -> None:
        async with server.visitor() as (reader, writer):
            if sent:
                await server.handle(writer, sent)

            server.connections[0].transport.abort()

            await server.until(lambda: "connection_lost" in server.calls)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        assert server.calls.count("connection_lost") == 1

    watch(story)


def test_a_head_above_the_limit_never_becomes_a_request() -> None:
    async def story(server: Watched) -> None:
        async with server.visitor() as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nX: " + b"x" * 2 * MAX_HEAD)

            assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
            assert more_of(server.connections[0]) is None

    watch(story)


@pytest.mark.parametrize("forced", [False, True])
def test_only_a_forced_end_leaves_an_answer_outstanding(forced: bool) -> None:
    async def story(server: Watched) -> None:
        async with server.visitor() as (reader, writer):
            await server.handle(writer, HEAD + b"body")
            server.server.should_exit = True
            server.server.force_exit = forced

            if forced:
                if sys.version_info >= (3, 12):  # there asyncio waits for open connections
                    await server.until(lambda: not server.server.servers[0].is_serving())
                    assert not reader.at_eof()
                    server.connections[0].transport.abort()
                await server.serving
                assert sys.version_info >= (3, 12) or not reader.at_eof()
            else:
                await server.until(lambda: not server.server.servers[0].is_serving())
                assert not server.serving.done()
                server.answer.set()
                assert (await reader.read()).startswith(b"HTTP/1.1 204 ")
                await server.serving

    watch(story)


def test_startup_listens_with_the_batch_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    queues: list[object] = []
    create = asyncio.BaseEventLoop.create_server

    async def noticing(*args: Any, **kwargs: Any) -> asyncio.Server:
        queues.append(kwargs["backlog"])
        return await create(*args, **kwargs)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_server", noticing)

    async def story(server: Watched) -> None:
        assert server.server.started

    watch(story)

    assert queues == [BATCH]


def test_signals_are_left_alone_in_a_thread() -> None:
    server = uvicorn.Server(configuration(nothing, H11Protocol))
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    during: list[object] = []

    def run() -> None:
        with server.capture_signals():
            during.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert during == [before]


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers nothing."""
    del scope, receive, send
