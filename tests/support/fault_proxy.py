"""A proxy in front of object storage that counts requests, and fails at the one that is named.

A request is named by what it asks for (``PUT attempts``) and by its turn among those of one run, so
that the order in which threads work does not move a fault to another request.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.object_stores import BUCKET, ObjectStore

_SLOW: Final = 0.15
_WHILE: Final = 3  # requests
_ACTIONS: Final = {"GET": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}
Answer = tuple[int, list[tuple[str, str]], bytes]


class Fault(Enum):
    """The ways in which a request fails: whether it arrives, and the answer."""

    BEFORE = "cut before it arrives"
    LOST = "answer lost"
    MIDDLE = "answer cut in the middle"
    BUSY = "503"
    CONFLICT = "409"
    SLOW = "slow"
    EXPIRED = "credentials expired from then on"
    GONE = "store gone from then on"
    GONE_AFTER = "store gone after it"
    AWAY = "store gone for a while"
    KILLED_BEFORE = "killed before it arrives"
    KILLED_AFTER = "killed before its answer"

    @property
    def arrives(self) -> bool:
        """Whether the store carries the request out."""
        return self in {
            Fault.LOST,
            Fault.MIDDLE,
            Fault.SLOW,
            Fault.GONE_AFTER,
            Fault.KILLED_AFTER,
        }

    @property
    def needs_write(self) -> bool:
        """Whether it differs from another fault only in what the request left behind."""
        return self in _LEAVING

    @property
    def passes(self) -> bool:
        """Whether the command comes to its end all the same."""
        return self in _PASSING

    @property
    def kills(self) -> bool:
        """Whether the process is ended."""
        return self in {Fault.KILLED_BEFORE, Fault.KILLED_AFTER}


_PASSING: Final = {
    Fault.BEFORE,
    Fault.LOST,
    Fault.MIDDLE,
    Fault.BUSY,
    Fault.CONFLICT,
    Fault.SLOW,
    Fault.AWAY,
}
# A read leaves nothing: LOST is BEFORE then, GONE_AFTER is GONE, and one death is as the other.
_LEAVING: Final = {Fault.CONFLICT, Fault.LOST, Fault.GONE_AFTER, Fault.KILLED_AFTER}
_REFUSALS: Final[dict[Fault, tuple[int, bytes]]] = {
    Fault.BUSY: (503, b"<Error><Code>SlowDown</Code></Error>"),
    Fault.CONFLICT: (409, b"<Error><Code>ConditionalRequestConflict</Code></Error>"),
    Fault.EXPIRED: (403, b"<Error><Code>ExpiredToken</Code></Error>"),
}


@dataclass(frozen=True, order=True)
class Turn:
    """One request of a run: the kind, and the how-many-eth of its kind it is."""

    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind} #{self.number}"


@dataclass
class Watch:
    """One run's requests, and the one that fails.

    Attributes:
        turns: in the order in which they came.
        at: the one that fails, ``None`` for none.
        fault: how.
        kill: ends the run's process.
        hit: whether the one that fails came.
        allows: whether a policy lets a request pass, by its action and the name that it is about.
        denied: the requests that none did.
    """

    at: Turn | None = None
    fault: Fault = Fault.SLOW
    kill: Callable[[], None] = lambda: None
    turns: list[Turn] = field(default_factory=list)
    hit: bool = False
    allows: Callable[[str, str], bool] = lambda _action, _name: True
    denied: list[str] = field(default_factory=list)
    _since: int = 0
    _numbers: Counter[str] = field(default_factory=Counter)

    def next(self, kind: str) -> Fault | None:
        """Note a request, and say how it fails."""
        self._numbers[kind] += 1
        turn = Turn(kind, self._numbers[kind])
        self.turns.append(turn)
        if turn == self.at:
            self.hit = True
            return self.fault
        if not self.hit:
            return None
        self._since += 1
        if self.fault is Fault.EXPIRED:
            return Fault.EXPIRED
        away = self.fault is Fault.AWAY and self._since < _WHILE
        return Fault.GONE if away or self.fault in {Fault.GONE, Fault.GONE_AFTER} else None

    def counted(self) -> Counter[str]:
        """The requests by kind."""
        return self._numbers.copy()


def kind_of(method: str, path: str) -> tuple[str, str]:
    """The prefix of the store that a request is for, and what it asks for."""
    parts = urlsplit(path)
    listed = parse_qs(parts.query).get("prefix")
    name = listed[0] if listed else unquote(parts.path).removeprefix(f"/{BUCKET}/")
    prefix, _, within = name.partition("/")
    folder, _, document = within.rpartition("/")
    return prefix, f"{'LIST' if listed else method} {folder or document.removesuffix('.toml')}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a command connects 32 times at once; the next try takes a second


class FaultyProxy:
    """Forwards to a store on 127.0.0.1 until its context ends.

    Args:
        port: of the store.
        delay: seconds that it puts on every request.
    """

    def __init__(self, port: int, delay: float = 0) -> None:
        self._watches: dict[str, Watch] = {}
        self._turn = threading.Lock()
        self._delay = delay
        self._idle: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()
        self._calm = threading.Condition()
        self._forwarding = 0
        self._closed = False
        self._store = port
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                watch, fault = proxy.next_fault(self.command, self.path)
                answer = proxy.refusal(watch, self.command, self.path)
                answer = answer or proxy.answer(self, body, fault)
                if fault is not None and fault.kills:
                    watch.kill()
                if answer is None:
                    self.close_connection = True
                    return
                whole = proxy.rendered(answer, head=self.command == "HEAD")
                if fault is Fault.MIDDLE:
                    self.close_connection = True
                    whole = whole[: len(whole) // 2]
                self.connection.sendall(whole)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                del format, args

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])

    def before(self, store: ObjectStore) -> ObjectStore:
        """The same store, reached through here."""
        address = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}"}
        return ObjectStore(store.url, store.environment | address, self.port)

    def watch(self, store: ObjectStore, watch: Watch) -> Watch:
        """Note the requests to one store, and fail at one."""
        with self._turn:
            self._watches[store.url.rpartition("/")[2]] = watch
        return watch

    def next_fault(self, method: str, path: str) -> tuple[Watch, Fault | None]:
        """Count a request, and say how it fails."""
        prefix, kind = kind_of(method, path)
        with self._turn:
            watch = self._watches.setdefault(prefix, Watch())
            return watch, watch.next(kind)

    def refusal(self, watch: Watch, method: str, path: str) -> Answer | None:
        """The answer to a request that no policy allows."""
        listed = parse_qs(urlsplit(path).query).get("prefix")
        name = listed[0] if listed else unquote(urlsplit(path).path).removeprefix(f"/{BUCKET}/")
        action = _ACTIONS[method] if listed is None else "s3:ListBucket"
        if watch.allows(action, name):
            return None
        watch.denied.append(f"{action} {name}")
        return 403, [], b"<Error><Code>AccessDenied</Code></Error>"

    def answer(
        self, request: BaseHTTPRequestHandler, body: bytes, fault: Fault | None
    ) -> Answer | None:
        """The answer to the client, ``None`` if the connection breaks."""
        time.sleep(_SLOW if fault is Fault.SLOW else self._delay)
        if fault in _REFUSALS:
            status, content = _REFUSALS[fault]
            return status, [], content
        if fault is None or fault.arrives:
            found = self._forward(request, body)
            kept = fault in {None, Fault.SLOW, Fault.MIDDLE}
            return found if kept else None
        return None

    def rendered(self, answer: Answer, *, head: bool) -> bytes:
        """An answer as bytes: sent at once, since a second packet would wait for 40 ms."""
        status, headers, content = answer
        lines = [f"HTTP/1.1 {status} x"]
        dropped = {"transfer-encoding", *(() if head else ("content-length",))}
        lines += [f"{name}: {value}" for name, value in headers if name.lower() not in dropped]
        lines += [] if head else [f"Content-Length: {len(content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        with self._calm:
            if self._closed:  # a killed client's last requests are read late
                return 503, [], b""
            self._forwarding += 1
        try:
            connection = self._connection()
            connection.request(request.command, request.path, body, dict(request.headers.items()))
            got = connection.getresponse()
            found = got.status, got.getheaders(), got.read()
            self._idle.put(connection)
            return found
        finally:
            with self._calm:
                self._forwarding -= 1
                self._calm.notify_all()

    def _connection(self) -> http.client.HTTPConnection:
        try:
            return self._idle.get_nowait()
        except Empty:
            return http.client.HTTPConnection("127.0.0.1", self._store, timeout=20)

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        with self._calm:
            self._closed = True
            self._calm.wait_for(lambda: not self._forwarding, 20)
        while not self._idle.empty():
            self._idle.get().close()
