"""An LMS that lets a tool change its registration, issues a new token each time, and logs it.

The former token is void from the moment when the new one was issued (RFC 7592, 3), whether or not
anybody has read the answer.
"""

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ltictl.errors import NeedsRecoveryError
from ltictl.model.attempt import Stage
from ltictl.model.integration import Updatable
from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.registration.recover import adopt, forget, probe
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import TOOL, PlaybackPlatform
from tests.support.processes import Finished

from .ledgers import SECRET
from .templates import a_platform, an_integration, plain

ID = "acme-canvas"
CLIENT = "client-7"
MEMBER = "registration_access_token"
POLICY = GuardPolicy(allow_private=True)


@dataclass
class Registered:
    """One registration as the LMS has it.

    Attributes:
        first: the token that it began with.
        token: the one that opens it now.
        document: its members.
        changes: how often it was changed.
        deleted: whether it is gone.
    """

    first: str
    token: str
    document: dict[str, Any]
    changes: int = 0
    deleted: bool = False


@dataclass
class ChangingPlatform:
    """The registrations at one address, which differ by their tokens.

    Args:
        platform: where.
        replaces: the methods whose answers replace the token.
        answering: what becomes of the answer to a change.
    """

    platform: PlaybackPlatform
    replaces: frozenset[str] = frozenset({"PUT"})
    answering: Callable[[Answer], Answer] = lambda answer: answer
    by_token: dict[str, Registered] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.platform.on("/client", self._answer)

    @property
    def url(self) -> str:
        return self.platform.url("/client")

    def start(self) -> Registered:
        """A fresh registration."""
        token = self._token()
        found = Registered(token, token, {"client_id": CLIENT, "client_name": "Old", TOOL: {}})
        self.by_token[token] = found
        return found

    def _token(self) -> str:
        return f"{SECRET}-{next(self._numbers)}"

    def _answer(self, request: ReceivedRequest) -> Answer:
        """Half a request is none."""
        if len(request.body) < int(request.headers.get("content-length", "0")):
            return Answer(close_after=0)
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            found = self.by_token.get(sent)
            if found is None or found.token != sent or found.deleted:
                return Answer.json({"error": "invalid_token"}, 401)
            if request.method == "DELETE":
                found.deleted = True
                return Answer(204)
            if request.method == "PUT":
                found.document = request.json()
                found.changes += 1
            if request.method in self.replaces:
                found.token = self._token()
                self.by_token[found.token] = found
            shown = {MEMBER: found.token, "registration_client_uri": self.url}
            answer = Answer.json(found.document | shown)
            return self.answering(answer) if request.method == "PUT" else answer


def with_registration(url: str) -> Callable[[Context], None]:
    """Makes a profile with one integration that can be changed at ``url``."""

    def make(context: Context) -> None:
        plain(context)
        integration = replace(
            an_integration(ID, CLIENT),
            platform=a_platform(url.removesuffix("/client"), "canvas"),
            client_uri=url,
            updatable=Updatable.CONFIGURATION_ENDPOINT,
            answer=json.dumps({"client_id": CLIENT}),
        )
        context.profile.integrations.add(integration)
        context.profile.secrets.keep(ID, {MEMBER: f"{SECRET}-0"})

    return make


def in_the_books(
    found: Registered, context: Context, finished: Finished, named: list[str], *, dry: bool
) -> list[str]:
    """The LMS's state beside the profile's.

    Args:
        found: at the LMS.
        context: the profile.
        finished: the command.
        named: the attempts that are unsettled.
        dry: whether the command was not to change anything.
    """
    token = context.profile.secrets.get(ID, MEMBER)
    wrong = [] if found.changes <= 1 else [f"changed {found.changes} times"]
    if token != found.token and named != [ID]:
        wrong.append(f"the token is lost: {named} {finished}")
    if finished.code == 0 and (found.changes == dry or token != found.token or named):
        wrong.append(f"success was claimed: {finished}")
    return wrong


def settle(found: Registered, context: Context) -> list[str]:
    """Each open remedy leads to a token that works, unless no answer arrived."""
    for identifier in context.profile.attempts.ids():
        stage = context.profile.attempts.get(identifier).stage
        if stage is Stage.INTENDED:
            context.profile.attempts.discard_unsent(identifier)
        elif stage is Stage.ANSWERED:
            adopt(context, identifier)
        elif found.changes == 0:
            if probe(context, POLICY, identifier) is not None:
                return ["stored what never arrived"]
        else:
            return _never_read(context, identifier)
    serves = context.profile.secrets.get(ID, MEMBER) == found.token
    left = [f"unsettled: {each}" for each in context.profile.attempts.ids()]
    return left + ([] if serves else ["the token does not serve any more"])


def _never_read(context: Context, identifier: str) -> list[str]:
    """Settle a new token that nobody read: ltictl can only report and store the answer."""
    try:
        probe(context, POLICY, identifier)
    except NeedsRecoveryError as error:
        forget(context, identifier)
        return [] if error.code == "probe_undecided" else [f"{error.code} {error}"]
    return ["an old token opened it"]
