"""Starting, stopping, and requests that never reach the platform."""

import contextlib
import socket
import subprocess
import sys
import threading

import httpx
import pytest

from ltictl.errors import LtictlError
from ltictl.sandbox.server import Sandbox

from .world import Clock, School, request_body


def test_the_port_is_free_again_and_nothing_is_left_running() -> None:
    with Sandbox() as sandbox:
        port = int(sandbox.base_url.rpartition(":")[2])
        assert sandbox.admin_url == f"http://127.0.0.1:{port}/admin"

    assert not [thread for thread in threading.enumerate() if thread.name == "ltictl-sandbox"]
    with Sandbox(port=port) as again:
        assert httpx.get(again.admin_url, trust_env=False).status_code == 200


def test_a_taken_port_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = f"cannot listen on 127.0.0.1:{port}"
        with pytest.raises(LtictlError, match=words), Sandbox(port=port):
            raise AssertionError("it listens")


@pytest.mark.timeout(20)
def test_it_stops_while_a_tool_does_not_answer() -> None:
    clock = Clock()
    with socket.create_server(("127.0.0.1", 0)) as silent, Sandbox(clock=clock) as sandbox:
        address = ("127.0.0.1", silent.getsockname()[1])
        with httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
            school = School(sandbox, clock, client)
            tool = school.register(request_body(f"http://{address[0]}:{address[1]}"))
            asking = threading.Thread(target=ask, args=(school, school.assertion(tool)))
            asking.start()
            with silent.accept()[0]:
                sandbox.__exit__(None, None, None)
                with pytest.raises(httpx.ConnectError):
                    client.get("/admin")
            asking.join()


def ask(school: School, assertion: str) -> None:
    """The answer does not matter, nor whether there is one."""
    with contextlib.suppress(httpx.HTTPError):
        school.ask_token(assertion)


def test_only_the_address_it_was_bound_to_is_answered(school: School) -> None:
    port = school.sandbox.base_url.rpartition(":")[2]

    for host in ("rebound.example", f"rebound.example:{port}", f"localhost:{port}", "127.0.0.1"):
        answer = school.http.get("/admin", headers={"Host": host})
        assert (answer.status_code, answer.text) == (421, "Invalid Host header")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/jwks"), ("PUT", "/token"), ("GET", "/admin/delete"), ("TRACE", "/registration")],
)
def test_other_methods_are_refused(school: School, method: str, path: str) -> None:
    assert school.http.request(method, path).status_code == 405


def test_other_paths_are_not_there(school: School) -> None:
    assert school.http.get("/nowhere").status_code == 404


def test_the_room_itself_imports_nothing_heavy() -> None:
    code = "import sys, ltictl.sandbox; print({'starlette', 'uvicorn', 'jwt'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
