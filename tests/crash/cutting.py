"""A registration endpoint that takes a whole request and cuts its answer off anywhere."""

import contextlib
import gzip
import json
import socket
import struct
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from .ledgers import SECRET

_HEAD_END = b"\r\n\r\n"


class Ending(StrEnum):
    """The event behind the last byte that is sent."""

    CLOSED = "closed"
    RESET = "reset"
    STALLED = "stalled"


@dataclass(frozen=True)
class Broken:
    """An answer and how much of it is sent.

    Args:
        answer: head and body.
        cut: so many bytes of it are sent.
        ending: what happens then.
    """

    answer: bytes
    cut: int | None = None
    ending: Ending = Ending.CLOSED

    @property
    def sent(self) -> bytes:
        return self.answer if self.cut is None else self.answer[: self.cut]


class CuttingPlatform:
    """Listens on a free port of 127.0.0.1 until the context ends; ``posts`` are those it took."""

    def __init__(self) -> None:
        self.behaviour = Broken(b"")
        self.posts = 0
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/registration"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        _read_request(connection)
        self.posts += 1
        behaviour = self.behaviour
        connection.sendall(behaviour.sent)
        if behaviour.ending is Ending.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif behaviour.ending is Ending.STALLED:
            connection.recv(1)  # returns when the other side has given up


def _read_request(connection: socket.socket) -> None:
    data = b""
    while _HEAD_END not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(_HEAD_END)
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)


def accepted(client_id: str = "client-000001") -> bytes:
    """The body of a registration that was stored."""
    document = {
        "client_id": client_id,
        "registration_access_token": SECRET,
        "client_name": "Example Tool",
        "redirect_uris": ["https://tool.invalid/launch"],
        "https://purl.imsglobal.org/spec/lti-tool-configuration": {
            "domain": "tool.invalid",
            "deployment_id": "7",
            "messages": [{"type": "LtiResourceLinkRequest", "label": "Überall"} for _ in range(4)],
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def head(*lines: str, status: str = "200 OK") -> bytes:
    first = (f"HTTP/1.1 {status}", "Content-Type: application/json", *lines)
    return "\r\n".join([*first, "", ""]).encode()


def lengthed(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    return head(f"Content-Length: {len(body)}", *lines, status=status) + body


def chunked(body: bytes, size: int = 200) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return head("Transfer-Encoding: chunked") + coded + b"0\r\n\r\n"


def until_close(body: bytes) -> bytes:
    return head("Connection: close") + body


def zipped(body: bytes, cut: int | None = None) -> bytes:
    """Complete as HTTP; with ``cut`` the packed stream itself breaks off."""
    return lengthed(gzip.compress(body, mtime=0)[:cut], "Content-Encoding: gzip")
