"""ltictl notices a server that ends, keeps within the limit of open files, and mutes its log."""

import asyncio
import logging
import socket
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from ltictl.callback.room import Room
from ltictl.callback.server import CallbackServer, bind
from ltictl.errors import LtictlError


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers nothing."""
    del scope, receive, send


def test_a_server_that_ended_is_noticed() -> None:
    server = CallbackServer(bind("127.0.0.1", 0), nothing)
    server.start()
    server.require_running()

    server.stop(0.2)

    with pytest.raises(LtictlError) as ended:
        server.require_running()
    assert ended.value.code == "server_ended"


def test_the_log_is_mute_for_the_servers_thread_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def complaining(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        asyncio.get_running_loop().call_exception_handler({"message": "a stranger came"})
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        raise ValueError  # uvicorn logs that too

    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = CallbackServer(listener, complaining)
    server.start()
    with socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answered = visitor.recv(100)
        logging.getLogger("asyncio").warning("this loop is slow")
        server.stop(0.2)

    assert answered.startswith(b"HTTP/1.1 204")
    assert caplog.messages == ["this loop is slow"]
    assert not any(logging.getLogger(name).filters for name in ("asyncio", "uvicorn.error"))


def send_both(first: bytes, then: bytes) -> tuple[bytes, list[dict[str, Any]]]:
    """Send ``then`` while the answer to ``first`` is made; the answer, and complaints."""
    came, following = threading.Event(), threading.Event()
    complaints: list[dict[str, Any]] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        asyncio.get_running_loop().set_exception_handler(
            lambda _, complaint: complaints.append(complaint)
        )
        came.set()
        while not following.is_set():  # noqa: ASYNC110  another thread sets it
            await asyncio.sleep(0.001)
        closing = [(b"connection", b"close")]
        await send({"type": "http.response.start", "status": 204, "headers": closing})
        await send({"type": "http.response.body"})

    listener = bind("127.0.0.1", 0)
    server = CallbackServer(listener, slow)
    server.start()
    with socket.create_connection(listener.getsockname()) as visitor:
        visitor.sendall(first)
        came.wait(20)
        visitor.sendall(then)
        following.set()
        answer = b"".join(iter(lambda: visitor.recv(4096), b""))
    server.stop(1)
    return answer, complaints


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("then", [b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0\xff"])
def test_what_follows_a_request_changes_nothing(method: str, version: str, then: bytes) -> None:
    head = f"{method} / HTTP/{version}\r\nHost: x\r\nContent-Length: 0\r\n\r\n"

    answer, complaints = send_both(head.encode(), then)

    assert answer.startswith(b"HTTP/1.1 204 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert not complaints


def test_a_broken_body_of_a_head_is_no_failure_of_the_server() -> None:
    head = b"HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    answer, complaints = send_both(head, b"no length\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"\r\n\r\n")
    assert not complaints


@given(st.integers(min_value=64, max_value=100_000))
def test_everything_fits_into_the_files(files: int) -> None:
    room = Room.within(files)

    assert 1 <= room.batch <= room.waiting <= room.connections
    # Sockets accepted before the first one is closed, and those of a registration.
    assert room.connections + 5 * room.batch + 16 < files


@given(st.integers(min_value=0, max_value=64))
def test_with_next_to_nothing_somebody_can_still_come_in(files: int) -> None:
    room = Room.within(files)

    assert min(room.batch, room.waiting, room.connections) >= 1
