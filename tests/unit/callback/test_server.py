"""ltictl notices a server that ends, keeps within the limit of open files, and mutes its log."""

import asyncio
import logging
import socket

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


@given(st.integers(min_value=64, max_value=100_000))
def test_everything_fits_into_the_files(files: int) -> None:
    room = Room.within(files)

    assert 1 <= room.batch <= room.waiting <= room.connections
    # What is accepted before the first of it is closed, and what a registration needs.
    assert room.connections + 5 * room.batch + 16 < files


@given(st.integers(min_value=0, max_value=64))
def test_with_next_to_nothing_somebody_can_still_come_in(files: int) -> None:
    room = Room.within(files)

    assert min(room.batch, room.waiting, room.connections) >= 1
