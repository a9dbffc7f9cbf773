"""The platforms' ledgers: the client_ids that they issued for each registration token."""

import itertools
import json
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from ltictl.sandbox.server import Sandbox
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import TOOL, PlaybackPlatform

SECRET = "canary-registration-access-token"


@dataclass(frozen=True)
class Ticket:
    """The two parameters that a platform gives for one registration."""

    configuration: str
    token: str

    def opened(self, url: str) -> str:
        """The address that the LMS opens where ``url`` was pasted into it."""
        given = {"openid_configuration": self.configuration, "registration_token": self.token}
        return f"{url}&{urlencode(given)}"


class Ledger(Protocol):
    """A platform's knowledge, asked from outside of ltictl."""

    def start(self) -> Ticket:
        """A fresh registration token."""
        ...

    def issued(self, ticket: Ticket) -> list[str]:
        """The client_ids that were issued for it, in order."""
        ...

    def posts(self, ticket: Ticket) -> int:
        """How often a registration arrived with it."""
        ...


class SandboxLedger:
    """The embedded LMS, which behaves as a Moodle does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def start(self) -> Ticket:
        url = self.sandbox.lms.start_registration("https://tool.invalid/register?t=1")
        query = parse_qs(urlsplit(url).query)
        return Ticket(query["openid_configuration"][0], query["registration_token"][0])

    def issued(self, ticket: Ticket) -> list[str]:
        return [each for each in self._entries(ticket) if each]

    def posts(self, ticket: Ticket) -> int:
        return len(self._entries(ticket))

    def _entries(self, ticket: Ticket) -> list[str | None]:
        subject = subject_of(ticket.token)
        return [e.client_id for e in self.sandbox.lms.ledger if e.subject == subject]


class PlayedLedger:
    """A played platform that hands out secrets with each client_id, as Canvas does, or refuses.

    Args:
        platform: its registration endpoint is taken over.
        family: its ``product_family_code``.
        refusing: the status of a refusal instead.
    """

    def __init__(
        self, platform: PlaybackPlatform, family: str = "canvas", refusing: int | None = None
    ) -> None:
        self.platform = platform
        self._refusing = refusing
        self._numbers = itertools.count(1)
        self._tickets = itertools.count(1)
        self._lock = threading.Lock()
        self._answers: dict[str, list[str | None]] = defaultdict(list)
        configuration = platform.configuration
        configuration[f"{TOOL.removesuffix('tool-configuration')}platform-configuration"][
            "product_family_code"
        ] = family
        platform.on("registration", self.answer)

    def start(self) -> Ticket:
        token = f"token-{next(self._tickets)}"
        return Ticket(self.platform.url("configuration"), token)

    def issued(self, ticket: Ticket) -> list[str]:
        return [each for each in self._answers[ticket.token] if each]

    def posts(self, ticket: Ticket) -> int:
        return len(self._answers[ticket.token])

    def answer(self, request: ReceivedRequest) -> Answer:
        """Enter the request into the book, and answer it; half a request is none."""
        if len(request.body) < int(request.headers.get("content-length", "0")):
            return Answer(close_after=0)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        client_id = None if self._refusing else f"client-{next(self._numbers):06}"
        with self._lock:
            self._answers[token].append(client_id)
        if client_id is None:
            return Answer.json({"error": "invalid_client_metadata"}, self._refusing or 400)
        return Answer.json(_registration(request.json(), client_id))


def _registration(asked: dict[str, Any], client_id: str) -> dict[str, Any]:
    return asked | {
        "client_id": client_id,
        "registration_access_token": SECRET,
        "registration_client_uri": "https://lms.invalid/registration/1",
        TOOL: asked.get(TOOL, {}) | {"deployment_id": "7"},
    }


def subject_of(token: str) -> str:
    """``sub`` of a token that is a JWT."""
    import base64

    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return str(claims["sub"])
