"""The embedded LMS, slowed down so that a test can kill ltictl while it waits."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import SandboxTool
from tests.support.cli import Ltictl

REGISTER = ("register", "--org", "acme", "--yes", "--allow-private", "--json")
TOKEN = "registration_token"


@dataclass
class School:
    """The embedded LMS, which can be made to take its time over a registration.

    Args:
        sandbox: the LMS.
        arrives: whether the LMS registers the request; otherwise it is as if lost on its way.
    """

    sandbox: Sandbox
    arrives: bool = True
    waiting: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def slow_down(self) -> None:
        register = self.sandbox.lms.register

        def slowly(authorization: str, body: bytes) -> SandboxTool:
            found = register(authorization, body) if self.arrives else None
            self.waiting.set()
            self.released.wait(20)
            return found or register(authorization, body)

        self.sandbox.lms.register = slowly  # type: ignore[method-assign]

    def cut_off(self, ltictl: Ltictl, initiation: str) -> None:
        """Register with what the LMS sent the browser to, and be killed before it answers."""
        query = parse_qs(urlsplit(initiation).query)
        address = ("--openid-configuration", query["openid_configuration"][0])
        running = ltictl.start(*REGISTER, *address, "--registration-token-file", "-")
        running.send_line(query["registration_token"][0])
        running.close_stdin()
        if not self.waiting.wait(15):
            raise TimeoutError("the request never arrived")
        running.close(grace=0)
        self.sandbox.lms.register = type(self.sandbox.lms).register.__get__(  # type: ignore[method-assign]
            self.sandbox.lms
        )
        self.released.set()


def begin(school: School, ltictl: Ltictl) -> None:
    """A new registration that was cut off after it was sent."""
    school.slow_down()
    school.cut_off(ltictl, school.sandbox.lms.start_registration("https://tool.invalid/r?t=1"))


def lost(school: School) -> Callable[[str, bytes], SandboxTool]:
    """Register no tool, and answer nobody before the sender is gone."""

    def nowhere(authorization: str, body: bytes) -> SandboxTool:
        del authorization, body
        school.waiting.set()
        school.released.wait(20)
        raise ConnectionResetError

    return nowhere


def encoded(query: dict[str, list[str]]) -> str:
    return urlencode({name: values[0] for name, values in query.items()})


def assert_settled(ltictl: Ltictl) -> list[tuple[str, str, str]]:
    """Return the integrations; no attempt is left."""
    listed = ltictl("list", "--json").data
    assert listed["attempts"] == []
    return [(each["id"], each["client_id"], each["status"]) for each in listed["integrations"]]


def unsettled(ltictl: Ltictl) -> list[tuple[str, str]]:
    return [(e["id"], e["stage"]) for e in ltictl("recover", "--json").data["attempts"]]
