"""Sends strangers' bytes to the callback server's protocol class and to its application.

No socket: a transport in memory, so that thousands of connections a second can be tried.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

_HOST: Final = "127.0.0.1:8765"
_TURNS: Final = 5000


class _Transport(asyncio.Transport):
    """Keeps the written bytes, and tells the protocol when it is closed."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 8765)})
        self.protocol = protocol
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass


@contextlib.contextmanager
def raw_http() -> Iterator[Callable[[bytes], None]]:
    """One connection: the bytes arrive in two parts, and the stranger hangs up."""
    import logging

    from ltictl.callback import application

    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).disabled = True
    # The pause before a refusal, which tells nothing but costs a fifth of a second each time.
    vars(application)["_UNUSABLE_SECONDS"] = 0.0
    defects: list[Any] = []

    def look(data: bytes) -> None:
        defects.clear()
        stranger = _Stranger()
        runner.run(stranger.sends(data))
        assert not defects, defects
        for opened in stranger.desk.opened:
            assert opened.startswith("id "), "a stranger came in without the secret"
        assert not (stranger.desk.registered and b"state=" not in data), "registered without a form"
        _require_answer(stranger.transport.written)

    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(lambda _, context: defects.append(context))
        yield look


class _Stranger:
    """One connection to a callback of its own."""

    def __init__(self) -> None:
        from ltictl.callback.application import Callback
        from ltictl.callback.doorway import Doorway
        from tests.support.one_school import OneSchool, nasty_offer

        self.desk = OneSchool(nasty_offer())
        doorway = Doorway(frozenset({_HOST}), frozenset({f"http://{_HOST}"}))
        self.application = Callback(self.desk, "/register", doorway, "https:").asgi

    async def sends(self, data: bytes) -> None:
        """The first byte says where the others are cut in two."""
        from uvicorn.server import ServerState

        state = ServerState()
        protocol = self._protocol(state)
        self.transport = _Transport(protocol)
        protocol.connection_made(self.transport)
        cut = data[0] * len(data) // 256 if data else 0
        for part in (data[1 : 1 + cut], data[1 + cut :]):
            if part and not self.transport.closed:
                protocol.data_received(part)
                await asyncio.sleep(0)
        for _ in range(_TURNS):
            if self.transport.closed or not state.tasks:
                break
            await asyncio.sleep(0)
        self.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await asyncio.sleep(0)

    def _protocol(self, state: Any) -> asyncio.Protocol:
        import uvicorn

        from ltictl.callback.connections import bounded_protocol
        from ltictl.callback.room import Room

        kind: Any = bounded_protocol(Room(4, 4, 8))
        config = uvicorn.Config(
            self.application,
            http=kind,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=32 * 1024,
        )
        config.load()
        made: asyncio.Protocol = kind(config=config, server_state=state, app_state={})
        return made


def _require_answer(written: bytes) -> None:
    """The first written bytes are an answer, and name no defect."""
    import h11

    if not written:
        return
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(written)
    answer = client.next_event()
    assert isinstance(answer, h11.Response | h11.InformationalResponse)
    assert answer.status_code < 500, written
