"""ltictl never shares its port and never moves silently to another one (row 24)."""

import socket
from collections.abc import Iterator

import pytest

from ltictl.callback.server import bind
from ltictl.errors import LtictlError
from tests.support.cli import Ltictl
from tests.support.visit import listening


def squatter(family: int, host: str, *, share: bool) -> socket.socket:
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if share:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    taken.bind((host, 0))
    taken.listen(1)
    return taken


@pytest.fixture(
    params=[
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0"),  # noqa: S104
        (socket.AF_INET6, "::"),
    ],
    ids=["here", "everywhere", "IPv6 too"],
)
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port on which somebody listens who would share it."""
    family, host = request.param
    with squatter(family, host, share=True) as listener:
        yield int(listener.getsockname()[1])


def test_a_port_that_somebody_has_is_not_shared(acme: Ltictl, taken: int) -> None:
    done = acme("register", "--org", "acme", "--port", str(taken), "--json")

    assert (done.code, done.error["code"]) == (1, "port_taken")
    assert str(taken) in done.error["message"]
    assert "--port" in done.error["fix"]
    assert done.events == [], "no URL may be printed before the port is ours"
    assert acme("invitation", "list", "--json").data["invitations"] == []


def test_nobody_else_gets_ours(acme: Ltictl) -> None:
    _, url = listening(acme)
    port = int(url.split(":")[2].split("/")[0])

    for host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104
        with pytest.raises(LtictlError):
            bind(host, port)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            listen_beside(other, host, port)


def listen_beside(other: socket.socket, host: str, port: int) -> None:
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    other.bind((host, port))
    other.listen()


def test_a_second_run_names_the_first(acme: Ltictl) -> None:
    _, url = listening(acme)
    port = url.split(":")[2].split("/")[0]

    second = acme("register", "--org", "acme", "--port", port, "--json")

    assert second.error["code"] == "port_taken"


def test_the_port_is_free_again_after_the_run(acme: Ltictl) -> None:
    running, url = listening(acme, "--timeout", "1s")
    port = int(url.split(":")[2].split("/")[0])
    assert running.wait(10).code == 5

    bind("127.0.0.1", port).close()
