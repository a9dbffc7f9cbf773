"""Ask a person for consent at an LMS, and receive the code on this computer (RFC 6749, 4.1)."""

import secrets
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ltictl.errors import LtictlError, UsageError
from ltictl.model.web_address import WebAddress
from ltictl.operations.lms_side.site import Site
from ltictl.platforms.consent import Permission

_PATIENCE: Final = 300.0
_SLOWEST: Final = 5.0  # for one request from this computer
_DONE: Final = b"You can close this window and go back to ltictl.\n"
_NOT_OURS: Final = b"This is not the answer that ltictl waits for.\n"


def ask_consent(site: Site, show: Callable[[str], None]) -> None:
    """Complete the given text with a code from a person's consent, where it lacks one.

    Args:
        site: the LMS; its purse receives the text with the code.
        show: receives the address that the person opens.

    Raises:
        LtictlError: nobody allowed it in time, or the LMS refused.
    """
    consent = site.interface.consent
    if consent is None or not consent.wanted(site.purse.secret):
        return
    with _Listener(consent.redirect(site.purse.secret)) as listener:
        # The state ties the answer to this run (RFC 6749, 10.12), the verifier the code (RFC 7636).
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        permission = Permission(listener.redirect, state, verifier)
        page = consent.page(site.purse.secret, permission)
        show(page if page.startswith("https://") else site.base + page)
        code = listener.wait(state)
    site.purse.secret = consent.completed(site.purse.secret, permission, code)


class _Listener(HTTPServer):
    """The address on this computer to which the browser returns."""

    def __init__(self, redirect: str) -> None:
        address = WebAddress.parse(redirect, "redirect_uri")
        if address.host != "127.0.0.1" or address.scheme != "http":
            raise UsageError(
                "redirect_not_here",
                f"The redirect_uri {address.authority} is not on this computer.",
                why="The answer would go to somebody else.",
                fix="Register the application with http://127.0.0.1:8766/callback.",
            )
        self.path = address.path
        self.answers: dict[str, str] = {}
        try:
            super().__init__((address.host, address.port), _Handler)
        except OSError as error:
            raise LtictlError(
                "port_taken",
                f"Nothing can listen on 127.0.0.1:{address.port}: {error.strerror}.",
                fix="End the program that does, and run the command again.",
            ) from error
        self.authority = f"127.0.0.1:{self.server_port}"
        self.redirect = f"http://{self.authority}{self.path}"
        self.expected = ""

    def wait(self, state: str) -> str:
        """Serve until a request has this state, and return its code.

        Raises:
            LtictlError: the person refused, or did not answer in time.
        """
        self.expected = state
        deadline = time.monotonic() + _PATIENCE
        # One request after the other until the right one: other pages may call the port too.
        while not self.answers and time.monotonic() < deadline:
            self.timeout = deadline - time.monotonic()
            self.handle_request()
        if self.answers.get("code"):
            return self.answers["code"]
        raise LtictlError(
            "consent_missing",
            "The LMS did not send the permission of a person.",
            why=f"It says: {self.answers['error'][:80]!r}."
            if self.answers
            else "Nobody pressed the button within five minutes.",
            fix="Run the command again, and allow it in the browser.",
        )

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a browser that closes its connection."""


class _Handler(BaseHTTPRequestHandler):
    """One request; only this computer's address and the right state get an answer."""

    timeout = _SLOWEST
    server: _Listener

    def do_GET(self) -> None:
        """Take the answer of the LMS."""
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        # With a name of its own that leads here, a web page could read the answer.
        ours = self.headers.get("Host") == self.server.authority and parts.path == self.server.path
        state = parameters.get("state", "").encode()
        ours = ours and secrets.compare_digest(state, self.server.expected.encode())
        # A browser may load the address twice; the code of the first answer is good once.
        if ours and not self.server.answers:
            self.server.answers = {
                "code": parameters.get("code", ""),
                "error": parameters.get("error", "no code"),
            }
        self.send_response(200 if ours else 400)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(_DONE if ours else _NOT_OURS)

    def log_message(self, *_: object) -> None:
        """Write no log: its lines would hold the code."""
