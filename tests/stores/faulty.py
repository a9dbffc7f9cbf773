"""A proxy in front of object storage that fails at one request, or from one request on."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

# Name -> whether the request reaches the store, and whether all later ones fail too.
FAULTS: Final = {
    "reply lost": (True, False),
    "cut before": (False, False),
    "busy": (False, False),
    "gone": (False, True),
    "gone after": (True, True),
}
_BUSY: Final = b"<Error><Code>SlowDown</Code></Error>"


class FaultyProxy:
    """Forwards to a store on 127.0.0.1 until its context ends.

    Args:
        port: of the store.
    """

    def __init__(self, port: int) -> None:
        self.fault = ""
        self.at = 0
        self.count = 0
        self._turn = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = proxy.next_fault()
                reaches, _ = FAULTS.get(fault, (True, False))
                answer: tuple[int, list[tuple[str, str]], bytes] = (503, [], _BUSY)
                if reaches:
                    answer = self.forward(body)
                if fault and fault != "busy":
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response_only(status)
                kept = [each for each in headers if each[0].lower() != "transfer-encoding"]
                named = {name.lower() for name, _ in kept}
                for name, value in kept:
                    self.send_header(name, value)
                if "content-length" not in named:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any  # noqa: N815

            def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                try:
                    upstream.request(self.command, self.path, body, dict(self.headers.items()))
                    got = upstream.getresponse()
                    return got.status, got.getheaders(), got.read()
                finally:
                    upstream.close()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def next_fault(self) -> str:
        """Count a request, and say how it fails; empty if it does not."""
        with self._turn:
            self.count += 1
            lasting = FAULTS.get(self.fault, (True, False))[1]
            hit = self.count == self.at or (lasting and self.count > self.at)
            if hit and lasting and self.count > self.at:
                return "gone"
            return self.fault if hit else ""

    def fail(self, fault: str, at: int) -> None:
        """Count from 0 again, and fail so at that request."""
        with self._turn:
            self.fault, self.at, self.count = fault, at, 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
