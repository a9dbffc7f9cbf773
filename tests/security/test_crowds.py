"""Slow, flooding and idle visitors keep no other visitor waiting (row 23)."""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.cli import Home, Ltictl, argv
from tests.support.processes import Running
from tests.support.visit import Admin, listening, outcome

# A minute with LTICTL_TEST_LONG=1, else a few seconds.
LONG = os.environ.get("LTICTL_TEST_LONG") == "1"
SECONDS = 60.0 if LONG else 2.0
CROWD = 1100
FILES = 1024
MEGABYTES = 10


class Crowd:
    """Many sockets to one port, each of which sends its bytes one by one, as slowly as it may."""

    def __init__(self, port: int, bytes_of: Callable[[int], bytes], size: int = CROWD) -> None:
        self._port = port
        self._bytes_of = bytes_of
        self._size = size
        self._open: dict[socket.socket, tuple[bytes, int]] = {}
        self.opened = 0

    def fill(self) -> None:
        """Open closed connections again, up to the whole crowd."""
        while len(self._open) < self._size:
            each = socket.socket()
            each.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                each.connect(("127.0.0.1", self._port))
            self._open[each] = (self._bytes_of(self.opened), 0)
            self.opened += 1

    def drip(self) -> None:
        """One more byte from each; those that were cut are forgotten."""
        for each, (data, sent) in list(self._open.items()):
            try:
                each.send(data[sent : sent + 1])
                self._open[each] = (data, sent + 1)
            except BlockingIOError:
                continue
            except OSError:
                each.close()
                del self._open[each]

    def close(self) -> None:
        for each in self._open:
            each.close()


def heads(_: int) -> bytes:
    return b"GET /register?t=" + b"x" * 5000


def bodies(_: int) -> bytes:
    return b"x" * 5000


def silence(_: int) -> bytes:
    return b""


@pytest.fixture
def running(acme: Ltictl) -> tuple[Running, str, int]:
    import resource

    process, url = listening(acme, "--timeout", "300s")
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
    return process, url, int(urlsplit(url).port or 0)


def memory(pid: int) -> int:
    """Resident kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


class BodyCrowd(Crowd):
    """Whole heads at once, then bodies byte by byte."""

    HEAD = (
        b"POST /register HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 60000\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )

    def drip(self) -> None:
        for each, (data, sent) in list(self._open.items()):
            if sent == 0:
                with contextlib.suppress(OSError):
                    each.send(self.HEAD % self._port)
                    self._open[each] = (data, 1)
        super().drip()


@pytest.mark.parametrize(
    ("kind", "bytes_of"),
    [(Crowd, silence), (Crowd, heads), (BodyCrowd, bodies)],
    ids=["idle", "dripping heads", "dripping bodies"],
)
def test_a_genuine_visitor_is_served(
    running: tuple[Running, str, int],
    admin: Admin,
    kind: type[Crowd],
    bytes_of: Callable[[int], bytes],
) -> None:
    process, url, port = running
    admin.open(url)  # everything is imported
    before = memory(process.pid)
    crowd = kind(port, bytes_of)
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end:
            crowd.fill()
            crowd.drip()
            time.sleep(0.05)
        crowd.fill()
        crowd.drip()

        page = admin.open(url)
        after = memory(process.pid)  # once it has registered, the process may end at any moment
        result = Admin.press(page)
    finally:
        crowd.close()

    assert outcome(result) == "registered", result.text
    assert after - before < 50 * 1024
    assert crowd.opened >= CROWD
    process.wait(10)


@pytest.mark.parametrize(("files", "size"), [(256, 1100), (64, 200)])
def test_a_genuine_visitor_is_served_with_few_files(
    acme: Ltictl, home: Home, admin: Admin, files: int, size: int
) -> None:
    with few_files(acme, home, files, "--timeout", "300s") as process:
        url = str(process.next_event("listening")["url"])
        crowd = Crowd(int(urlsplit(url).port or 0), silence, size)
        end = time.monotonic() + SECONDS
        try:
            while time.monotonic() < end:
                crowd.fill()
                crowd.drip()
                time.sleep(0.05)

            pages = [admin.open(url) for _ in range(3)]
            result = Admin.press(pages[-1])
        finally:
            crowd.close()
        ended = process.wait(20)

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert outcome(result) == "registered", result.text
    assert (ended.code, crowd.opened >= size) == (0, True)
    assert len(ended.stderr) < 4096, ended.stderr[:4096]


def few_files(acme: Ltictl, home: Home, files: int, *args: str) -> Running:
    """``register`` by somebody who may open that many files, and may not raise the limit."""
    command = argv("register", "--org", "acme", "--port", "0", "--allow-private", "--json", *args)
    acme("org", "show", "acme").assert_success()
    shell = ["bash", "-c", f'ulimit -n {files}; exec "$@"', "bash", *command]
    return Running(shell, env=home.environment(), cwd=home.path)


def test_a_low_limit_that_may_be_raised_is_raised(acme: Ltictl, home: Home) -> None:
    import resource

    command = argv("register", "--org", "acme", "--port", "0", "--json")
    assert acme("org", "show", "acme").code == 0
    shell = ["bash", "-c", 'ulimit -S -n 256; exec "$@"', "bash", *command]
    with Running(shell, env=home.environment(), cwd=home.path) as process:
        url = str(process.next_event("listening")["url"])
        httpx.get(url, trust_env=False, timeout=20)  # by now the server has begun

        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[0] == 1024


@pytest.mark.parametrize("waiting", [("--timeout", "300s"), ("--forever",)], ids=str)
def test_a_server_that_cannot_begin_fails_at_once(
    acme: Ltictl, home: Home, waiting: tuple[str, ...]
) -> None:
    with few_files(acme, home, 7, *waiting) as process:
        ended = process.wait(30)

    assert (ended.code, ended.error["code"]) == (1, "server_ended"), ended
    assert "Traceback" not in ended.stderr
    assert "ulimit" in ended.error["fix"]


def test_a_large_form_is_refused_at_once(running: tuple[Running, str, int], admin: Admin) -> None:
    _, url, port = running
    admin.open(url)
    size = MEGABYTES * 1024 * 1024
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(
            b"POST /register HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" % (port, size)
        )
        answer = flood(connection, size)

    assert b" 413 " in answer.split(b"\r\n")[0], answer[:100]


def flood(connection: socket.socket, size: int) -> bytes:
    """Send until the other side answers or hangs up; what it answered."""
    connection.setblocking(False)
    answer = b""
    left = size
    piece = b"x" * 65536
    with selectors.DefaultSelector() as ready:
        ready.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while left > 0 and not answer:
            for _, events in ready.select(3):
                if events & selectors.EVENT_READ:
                    answer += connection.recv(65536)
                elif events & selectors.EVENT_WRITE:
                    left -= connection.send(piece)
    return answer


@pytest.mark.parametrize("crowded", [False, True], ids=["alone", "in a crowd"])
def test_control_c_ends_at_once(
    running: tuple[Running, str, int], admin: Admin, crowded: bool
) -> None:
    process, url, port = running
    admin.open(url)
    crowd = Crowd(port, heads)
    if crowded:
        crowd.fill()
        crowd.drip()

    process.send_signal(signal.SIGINT)

    assert process.wait(5).code == 130
    crowd.close()


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 9000 + b"\r\n",
        b"POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b"\r\n" * 1000,
        b"\x00" * 1000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=range(10),
)
def test_bytes_that_are_no_http_are_shown_to_nobody(
    running: tuple[Running, str, int], request_text: bytes
) -> None:
    process, _, port = running
    with socket.create_connection(("127.0.0.1", port), timeout=8) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(request_text)
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass

    process.send_signal(signal.SIGINT)
    ended = process.wait(5)

    assert (ended.code, ended.json["error"]["code"]) == (130, "interrupted")
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
