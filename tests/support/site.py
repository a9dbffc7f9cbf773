"""A web site of scripted answers on https or http, for pages around ltictl's own."""

import ssl
import threading
from typing import Self

from tests.support.answers import Answer, ReceivedRequest
from tests.support.exact_server import ExactServer


class Site:
    """One site on a free port of 127.0.0.1, until the context ends.

    Args:
        host: the name in its own addresses; the browser needs a rule that leads it here.
        context: serve https with this.
    """

    def __init__(self, host: str, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Answer] = {}
        self.requests: list[ReceivedRequest] = []
        self._server = ExactServer(self._answer, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.port = int(self._server.server_address[1])
        self.origin = f"{'https' if context else 'http'}://{host}:{self.port}"

    def page(self, path: str, html: str) -> str:
        """Serve ``html`` at ``path``; its address."""
        self.pages[path] = Answer.text(html, content_type="text/html; charset=utf-8")
        return self.origin + path

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.stop()
        self._thread.join()

    def _answer(self, request: ReceivedRequest) -> Answer:
        self.requests.append(request)
        return self.pages.get(request.path, Answer.text("not here", 404))
