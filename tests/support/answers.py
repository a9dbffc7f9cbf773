"""Answers for a played platform, good or bad: slow, cut off, endless, or far too large."""

import functools
import json
import socket
import threading
import zlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl

from msgspec import Struct, field

from tests.support.recordings import Recording, load

CHUNK = 4096


class ReceivedRequest(Struct, frozen=True):
    """A request that reached the platform; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def parameters(self) -> dict[str, str]:
        """The query, the last of repeated parameters."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.body)


class Answer(Struct, frozen=True):
    """One answer and how it is sent.

    ``Content-Length`` is added unless a header says how the body ends; a body is sent in chunks
    where the headers say so.

    Args:
        status: the status code.
        headers: sent as they are.
        body: exact bytes.
        reason: the reason phrase; the usual one if empty.
        delay: seconds before the first byte.
        drip: seconds between pieces of ``piece`` bytes, from the body or already from the head on.
        piece: see ``drip``.
        drip_from: see ``drip``.
        close_after: the connection is closed after so many bytes of head and body; 0: no answer.
        endless: the body is repeated in chunks until the client goes away.
        raw: these bytes instead of all of the above, then the connection is closed.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    reason: str = ""
    delay: float = 0.0
    drip: float = 0.0
    piece: int = 1
    drip_from: Literal["head", "body"] = "body"
    close_after: int | None = None
    endless: bool = False
    raw: bytes | None = None

    @classmethod
    def of(cls, recording: Recording | str, **how: Any) -> "Answer":
        """The real platform's answer; ``how`` are further fields."""
        found = load(recording) if isinstance(recording, str) else recording
        response = found.response
        values: dict[str, Any] = {
            "status": response.status,
            "headers": response.headers,
            "body": response.body,
            "reason": response.reason,
        }
        return cls(**(values | how))

    @classmethod
    def json(cls, value: Any, status: int = 200, **how: Any) -> "Answer":
        headers = {"Content-Type": "application/json; charset=utf-8"}
        values: dict[str, Any] = {"status": status, "headers": headers, "body": dumps(value)}
        return cls(**(values | how))

    @classmethod
    def text(cls, text: str, status: int = 200, content_type: str = "text/html") -> "Answer":
        return cls(status, {"Content-Type": content_type}, text.encode())

    @classmethod
    def redirect(cls, location: str, status: int = 302) -> "Answer":
        return cls(status, {"Location": location})

    @classmethod
    def gzip_bomb(cls, size: int = 64 * 1024 * 1024) -> "Answer":
        """JSON white space that is ``size`` bytes when unpacked, and a thousandth of it before."""
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return cls(200, headers, _packed_blanks(size))

    @classmethod
    def forever(cls, piece: bytes = b" " * CHUNK, status: int = 200) -> "Answer":
        """A chunked body that never ends."""
        return cls(status, {"Content-Type": "application/json"}, piece, endless=True)


Scripted = Answer | Callable[[ReceivedRequest], Answer]


class CutError(Exception):
    """The answer was cut off on purpose; the connection is to be closed."""


class Wire:
    """The stream to one client; counts bytes, and gives up when the platform is stopped."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping

    def send(self, answer: Answer, method: str) -> bool:
        """Send it; true if the connection can be used again."""
        self._pause(answer.delay)
        if answer.raw is not None:
            self._write(answer.raw, answer)
            return False
        if answer.close_after == 0:
            return False
        head, body = _head(answer, method), _body(answer, method)
        if answer.close_after is not None:
            self._write((head + body)[: answer.close_after], answer, len(head))
            return False
        self._write(head + body, answer, len(head))
        while answer.endless and method != "HEAD":
            self._write(_chunk(answer.body or b" "), answer)
            self._pause(0)
        return True

    def _write(self, data: bytes, answer: Answer, head: int = 0) -> None:
        at_once = len(data) if not answer.drip else head if answer.drip_from == "body" else 0
        self._connection.sendall(data[:at_once])
        for start in range(at_once, len(data), answer.piece):
            self._pause(answer.drip)
            self._connection.sendall(data[start : start + answer.piece])

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds) if seconds else self._stopping.is_set():
            raise CutError


def dumps(value: Any) -> bytes:
    """JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _head(answer: Answer, method: str) -> bytes:
    headers = dict(answer.headers)
    names = {name.lower() for name in headers}
    if answer.endless and "transfer-encoding" not in names:
        headers["Transfer-Encoding"] = "chunked"
    elif not names & {"transfer-encoding", "content-length"} and _may_have_body(answer, method):
        headers["Content-Length"] = str(len(answer.body))
    known = answer.reason or HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {known}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _body(answer: Answer, method: str) -> bytes:
    if answer.endless or not _may_have_body(answer, method):
        return b""
    encodings = {name.lower(): value.lower() for name, value in answer.headers.items()}
    if encodings.get("transfer-encoding") != "chunked":
        return answer.body
    starts = range(0, len(answer.body), CHUNK)
    pieces = [_chunk(answer.body[start : start + CHUNK]) for start in starts]
    return b"".join([*pieces, b"0\r\n\r\n"])


def _may_have_body(answer: Answer, method: str) -> bool:
    return method != "HEAD" and answer.status not in {
        HTTPStatus.NO_CONTENT,
        HTTPStatus.NOT_MODIFIED,
    }


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@functools.cache
def _packed_blanks(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    blanks = b" " * (1024 * 1024)
    parts = [packer.compress(blanks[: size - start]) for start in range(0, size, len(blanks))]
    return b"".join([*parts, packer.flush()])
