"""The sockets under a played platform: reads real HTTP requests and sends exact bytes."""

import contextlib
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.answers import Answer, CutError, ReceivedRequest, Wire


class ExactServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1; one thread for each connection, all ended by ``stop``.

    What goes wrong in a scripted answer is kept in ``failures``; clients that go away are normal.
    """

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self,
        answer: Callable[[ReceivedRequest], Answer],
        context: ssl.SSLContext | None,
        bind: str = "127.0.0.1",
    ) -> None:
        super().__init__((bind, 0), _Handler)
        self.answer = answer
        self.stopping = threading.Event()
        self.failures: list[BaseException] = []
        self._context = context
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._context is None:
            super().finish_request(request, client_address)
            return
        with self._context.wrap_socket(
            request, server_side=True, do_handshake_on_connect=False
        ) as safe:
            self._open.add(safe)
            if not self.stopping.is_set():
                safe.do_handshake()
                super().finish_request(safe, client_address)
            self._open.discard(safe)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as in the base
        error = sys.exception()
        if error is not None and not isinstance(error, OSError | CutError):
            self.failures.append(error)

    def stop(self) -> None:
        """End all that is under way and wait for it."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                # The plain method: SSLSocket's own takes the TLS state from the reading thread.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ExactServer

    def answer(self) -> None:
        path, _, query = self.path.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        received = ReceivedRequest(
            method=self.command,
            path=path,
            query=query,
            headers=headers,
            body=self._body(headers),
            at=time.monotonic(),
        )
        answer = self.server.answer(received)
        keep = Wire(self.connection, self.server.stopping).send(answer, self.command)
        if not keep:
            self.close_connection = True

    # The names that the base class looks for.
    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815
    do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base
        """Nothing: a test's output is for what the test says."""

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length", "0")))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)
