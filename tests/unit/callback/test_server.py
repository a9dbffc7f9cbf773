"""A server that ends by itself is noticed; the room fits into any limit."""

import pytest
from hypothesis import given, settings
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


@settings(deadline=None)
@given(st.integers(min_value=64, max_value=100_000))
def test_everything_fits_into_the_files(files: int) -> None:
    room = Room.within(files)

    assert 1 <= room.batch <= room.waiting <= room.connections
    # What is accepted before the first of it is closed, and what a registration needs.
    assert room.connections + 5 * room.batch + 16 < files


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=64))
def test_with_next_to_nothing_somebody_can_still_come_in(files: int) -> None:
    room = Room.within(files)

    assert min(room.batch, room.waiting, room.connections) >= 1
