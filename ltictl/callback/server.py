"""The temporary server: a socket bound before anything heavy is imported, then HTTP in a thread."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError, UsageError

if TYPE_CHECKING:
    import logging

    import uvicorn
    from starlette.types import ASGIApp

_CUT_SECONDS = 0.5
_MAX_HEADERS = 32 * 1024
# Connections that the system keeps until they are accepted. A full queue costs a genuine visitor a
# second or three, until its browser knocks again (measured with 1,100 sockets that come back when
# cut).
_QUEUE = 4096


def bind(host: str, port: int) -> socket.socket:
    """Listen on exactly this address; nothing answers yet.

    Args:
        host: IP literal, ``127.0.0.1`` unless the operator asks for more.
        port: 0 for any.

    Raises:
        LtictlError: ``port_taken``.
        UsageError: the address is not one of this computer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows that option would let another program take the port away (RFC 8252, 8.3).
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        listener.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
        # Inherited by every connection; without it each answer waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(_QUEUE)
    except PermissionError as error:
        listener.close()
        raise LtictlError(
            "port_forbidden",
            f"Port {port} may not be opened by this user.",
            why="Ports below 1024 belong to the administrator.",
            fix="Choose another with --port, such as 8765.",
        ) from error
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> LtictlError:
    import errno

    if error.errno == errno.EADDRINUSE:
        return LtictlError(
            "port_taken",
            f"Port {port} on {host} is taken by another program.",
            why="Another 'ltictl register' is running, or something else listens there.",
            fix="End the other program, or choose another port with --port.",
        )
    return UsageError(
        "cannot_listen",
        f"Nothing can listen on {host}:{port}: {error.strerror or error}.",
        fix="Give --listen an address of this computer, such as 127.0.0.1 or 0.0.0.0.",
    )


class CallbackServer:
    """HTTP on a bound socket, in a thread of its own.

    Args:
        listener: from ``bind``.
        application: the ASGI application that answers.
    """

    def __init__(self, listener: socket.socket, application: "ASGIApp") -> None:
        self._listener = listener
        self._application = application
        self._server: uvicorn.Server | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="ltictl-callback", daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        """Begin to answer.

        Raises:
            LtictlError: ``server_ended``, where it could not begin.
        """
        self._thread.start()
        self._ready.wait()
        self.require_running()

    def require_running(self) -> None:
        """Raise an error if the server has ended by itself.

        Raises:
            LtictlError: ``server_ended``.
        """
        # Waiting on would look well and last for ever: no LMS can open the page any more.
        if self._failure is not None or not self._thread.is_alive():
            raise _ended(self._failure)

    def stop(self, grace: float) -> None:
        """Take no new connection, and let the answers in progress finish.

        Args:
            grace: seconds until unfinished requests are cut.
        """
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(grace)
            self._server.force_exit = True
            self._thread.join(_CUT_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        try:
            self._serve()
        except BaseException as error:  # noqa: BLE001  the main thread reports it
            self._failure = error
        finally:
            self._ready.set()

    def _serve(self) -> None:
        import asyncio

        import uvicorn

        from ltictl.callback.connections import bounded_protocol
        from ltictl.callback.room import make_room

        room = make_room()
        # The process's signals belong to the command line: uvicorn leaves them alone in a
        # thread. No access log, since the URL holds secrets; no header of a proxy is believed.
        configuration = uvicorn.Config(
            self._application,
            loop="asyncio",
            http=bounded_protocol(room),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=room.batch,
            h11_max_incomplete_event_size=_MAX_HEADERS,
            timeout_keep_alive=2,
        )
        self._server = _prompt_server(configuration, self._ready)
        # Every bad request of a stranger would otherwise write a line to the operator's terminal.
        with _strangers_unheard():
            asyncio.run(self._server.serve(sockets=[self._listener]))


@contextlib.contextmanager
def _strangers_unheard() -> Iterator[None]:
    """Drop the log lines of uvicorn and asyncio in this thread."""
    import logging

    serving = threading.get_ident()

    def from_elsewhere(record: "logging.LogRecord") -> bool:
        del record
        # Other threads keep their log lines.
        return threading.get_ident() != serving

    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio")]
    for logger in loggers:
        logger.addFilter(from_elsewhere)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(from_elsewhere)


def _prompt_server(configuration: "uvicorn.Config", ready: threading.Event) -> "uvicorn.Server":
    """Return a server that sets ``ready`` once it answers."""
    import uvicorn

    class PromptServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            for each in sockets or []:
                # asyncio sets the queue and the connections accepted at one go to one number; the
                # queue may be longer.
                each.listen(_QUEUE)
            ready.set()

    return PromptServer(configuration)


def _ended(failure: BaseException | None) -> LtictlError:
    cause = f"{type(failure).__name__}: {failure}" if failure else "it ended without an error"
    return LtictlError(
        "server_ended",
        "The callback server has ended by itself; no LMS can open the page any more.",
        why=f"The operating system refused it something, or it is a defect ({cause:.200}).",
        fix="Look at 'ulimit -n', which should be 256 or more, and run 'ltictl register' again.",
    )
