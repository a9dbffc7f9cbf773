"""A platform of scripted answers: a real HTTP(S) server that records its requests."""

import copy
import itertools
import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.answers import Answer, ReceivedRequest, Scripted, dumps
from tests.support.exact_server import ExactServer
from tests.support.recordings import PLATFORM, load
from tests.support.tls import Tls

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
MEMBERS = {
    "registration": "registration_endpoint",
    "token": "token_endpoint",
    "authorization": "authorization_endpoint",
    "jwks": "jwks_uri",
}


def moodle_configuration() -> dict[str, Any]:
    """The recorded OpenID configuration; hosts become the playing platform's when it is served."""
    value: dict[str, Any] = load("02-openid-configuration").response.json()
    return value


def accepting(status: int = 200, **members: Any) -> Callable[[ReceivedRequest], Answer]:
    """Answers registrations with the requested values, a new client_id and a new deployment_id.

    ``members`` are added to the answer or replace members of it.
    """
    numbers = itertools.count(1)

    def accept(request: ReceivedRequest) -> Answer:
        number = next(numbers)
        asked = request.json()
        configuration = asked.get(TOOL, {}) | {"version": "1.3.0", "deployment_id": str(number)}
        answer = asked | {"client_id": f"client{number:09}", TOOL: configuration}
        return Answer.json(answer | members, status)

    return accept


class PlaybackPlatform:
    """One platform on a free port of 127.0.0.1, until the context ends.

    Args:
        configuration: its OpenID configuration, the recorded one by default. In every string the
            host of the recordings (``https://moodle.example``) is served as the own base URL. It
            stays in ``configuration`` and may be changed at any time.
        registration: what the registration endpoint answers; by default all is accepted.
        tls: serve https with a certificate of this authority.
        host: the host in the platform's own addresses (it must resolve to 127.0.0.1).
        bind: the address that the server listens at.
    """

    def __init__(
        self,
        configuration: dict[str, Any] | None = None,
        registration: Scripted | None = None,
        *,
        tls: Tls | None = None,
        host: str = "127.0.0.1",
        bind: str = "127.0.0.1",
    ) -> None:
        self.configuration = copy.deepcopy(configuration or moodle_configuration())
        self.requests: list[ReceivedRequest] = []
        self._arrived = threading.Condition()
        self._paths = {"configuration": "/mod/lti/openid-configuration.php"}
        for route, member in MEMBERS.items():
            url = str(self.configuration.get(member, f"/{route}"))
            self._paths[route] = urlsplit(url).path
        self._script: dict[str, list[Scripted]] = {}
        self.on("configuration", lambda _: Answer.json(self.served_configuration()))
        self.on("jwks", Answer.of("02-platform-jwks"))
        self.on("registration", registration or accepting())
        self._server = ExactServer(self._answer, tls.server_context() if tls else None, bind)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        port = self._server.server_address[1]
        self.base_url = f"{'https' if tls else 'http'}://{host}:{port}"

    def on(self, route: str, *answers: Scripted) -> None:
        """Answer ``route`` with these in turn, the last one from then on.

        A route is a path, or ``configuration``, ``jwks``, ``registration``, ``token``,
        ``authorization``.
        """
        self._script[self._path(route)] = list(answers)

    def url(self, route: str) -> str:
        return self.base_url + self._path(route)

    def requests_to(self, route: str) -> list[ReceivedRequest]:
        return [request for request in self.requests if request.path == self._path(route)]

    def wait_for_request(self, route: str, count: int = 1, timeout: float = 10) -> ReceivedRequest:
        """The ``count``-th request to ``route``, as soon as it has arrived (not: been answered)."""
        with self._arrived:
            there = self._arrived.wait_for(lambda: len(self.requests_to(route)) >= count, timeout)
        paths = [f"{request.method} {request.path}" for request in self.requests]
        assert there, f"no {count} requests to {route} in {timeout} s; there were {paths}"
        return self.requests_to(route)[count - 1]

    def served_configuration(self) -> dict[str, Any]:
        """The configuration with the own hosts, as it is served."""
        text = dumps(self.configuration).decode().replace(PLATFORM, self.base_url)
        value: dict[str, Any] = json.loads(text)
        return value

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()
        self._thread.join()
        if error is None and self._server.failures:
            raise self._server.failures[0]

    def _path(self, route: str) -> str:
        return route if route.startswith("/") else self._paths[route]

    def _answer(self, request: ReceivedRequest) -> Answer:
        with self._arrived:
            self.requests.append(request)
            script = self._script.get(request.path, [Answer.text("not here", 404)])
            answer = script.pop(0) if len(script) > 1 else script[0]
            self._arrived.notify_all()
        return answer(request) if callable(answer) else answer
