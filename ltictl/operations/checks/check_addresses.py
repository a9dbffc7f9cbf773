"""Check the addresses of an integration: configuration, sign-in, and both key sets.

A run asks each address once, however many integrations share it.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from ltictl.errors import LtictlError
from ltictl.lti.configuration import judge_configuration
from ltictl.lti.foreign_keys import judge_key_set
from ltictl.lti.refusal import read_refusal
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.quantity import counted
from ltictl.net.failures import Failure, UnreachableError
from ltictl.operations.ask_token import DEADLINE
from ltictl.operations.checks.check_key_set import as_old_lms, check_key_set
from ltictl.operations.checks.checks import ABSENT, SERVER_ERROR, Check, Verdict, on_the_way
from ltictl.operations.lms_facts.moved_lms import NewAddress, find_new_address
from ltictl.operations.served_set import ExpectedKeys

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_OK = 200  # RFC 9110, 15.3.1
_GONE = 410  # RFC 9110, 15.5.11
_COMPARE = (
    "Compare it with the LMS's own details of the tool. An LMS that takes POST there alone breaks "
    "OpenID Connect Core 1.0, 3.1.2.1: launches then depend on the tool's library."
)
_ASK = "Ask the LMS's administrators; launches cannot be checked without its keys."
_AGAIN = "If the LMS has moved: ltictl move ID --issuer URL"


class Answers:
    """Remembers answers by their questions, in little memory for each of thousands."""

    def __init__(self) -> None:
        self._asking: dict[bytes, asyncio.Future[Check]] = {}
        self._known: dict[bytes, Check] = {}  # a future that is done keeps ten times as much
        self._equal: dict[Check, Check] = {}

    async def once(
        self, question: Sequence[str], ask: Callable[[], Coroutine[Any, Any, Check]]
    ) -> Check:
        """Return the answer of a question, and ask it at most once at a time."""
        # The digest of some URLs takes a fifth of their room.
        key = hashlib.blake2b(json.dumps(question).encode(), digest_size=16).digest()
        if key in self._known:
            return self._known[key]
        if key not in self._asking:
            self._asking[key] = asyncio.ensure_future(ask())
        answer = await self._asking[key]
        self._known[key] = answer = self._equal.setdefault(answer, answer)
        self._asking.pop(key, None)
        return answer


class Addresses:
    """Checks addresses, and remembers the findings for one run.

    Args:
        client: the guarded HTTP client.
        expected: the keys that the tool publishes.
    """

    def __init__(self, client: "GuardedClient", expected: ExpectedKeys) -> None:
        self._client = client
        self._expected = expected
        self._answers = Answers()

    async def platform_key_set(self, url: str) -> Check:
        """Check that the LMS's key set can verify launches."""
        return await self._once("platform_key_set", url, self._platform_key_set)

    async def tool_key_set(self, url: str) -> Check:
        """Check that the tool's key set, as LMSs fetch it, holds the expected keys."""
        return await self._once("tool_key_set", url, self._tool_key_set)

    async def authorization(self, url: str, expected: frozenset[int]) -> Check:
        """Check that the address for starting launches answers; no launch is started.

        Args:
            url: the address.
            expected: statuses that its family is known to answer without parameters.
        """
        name = "authorization_endpoint"
        return await self._answers.once((name, url), lambda: self._authorization(url, expected))

    async def configuration(self, stored: Platform) -> Check:
        """Check that the LMS describes itself as it did at the registration."""
        compared = [stored.issuer, *(getattr(stored, each) for each in ENDPOINTS)]
        return await self._answers.once(
            ("configuration", stored.configuration_url, *compared),
            lambda: self._configuration(stored),
        )

    async def _once(
        self, name: str, url: str, ask: Callable[[str], Coroutine[Any, Any, Check]]
    ) -> Check:
        return await self._answers.once((name, url), lambda: ask(url))

    async def _configuration(self, stored: Platform) -> Check:
        url = stored.configuration_url
        try:
            reply = await self._client.get(url, deadline=DEADLINE)
            if reply.status != _OK:
                return _failed("configuration", f"{url} answers HTTP {reply.status}", _AGAIN)
            return _compare(stored, judge_configuration(reply.body, reply.address).platform)
        except LtictlError as error:
            new = await find_new_address(self._client, stored, error)
            return on_the_way("configuration", error) if new is None else _moved(stored, new)

    async def _authorization(self, url: str, expected: frozenset[int]) -> Check:
        name = "authorization_endpoint"
        try:
            # Without parameters it can but refuse.
            reply = await self._client.get(url, deadline=DEADLINE, accept="text/html")
        except LtictlError as error:
            # A sign-in begins with a redirect to a login page, and the client follows none.
            if isinstance(error, UnreachableError) and error.kind is Failure.REDIRECTED:
                return Check(name, Verdict.PASS, "redirects, as to a login")
            return on_the_way(name, error)
        detail = f"answers (HTTP {reply.status})"
        # 410 says that it was there once. A 404 may only want other parameters or POST.
        if reply.status == _GONE:
            return _failed(name, detail, _AGAIN)
        if reply.status in ABSENT - expected:
            detail = f"{url} answers HTTP {reply.status} to GET, so probably it is another address"
            return Check(name, Verdict.WARN, detail, _COMPARE)
        if reply.status >= SERVER_ERROR:
            return Check(name, Verdict.WARN, detail, "Ask the LMS's administrators for its log.")
        return Check(name, Verdict.PASS, detail)

    async def _platform_key_set(self, url: str) -> Check:
        name = "platform_key_set"
        try:
            reply = await self._client.get(url, deadline=DEADLINE)
        except LtictlError as error:
            return on_the_way(name, error, error.fix or _ASK)
        if reply.status != _OK:
            words = read_refusal(reply.status, reply.body).words
            detail = f"{url} answers HTTP {reply.status}{': ' + words if words else ''}"
            return _failed(name, detail, _ASK)
        try:
            judged = judge_key_set(parse_object(reply.body))
        except JsonError as error:
            return _failed(name, f"{url} is no key set: {error}", _ASK)
        if not judged.kids:
            return _failed(name, "; ".join(judged.problems), _ASK)
        if judged.problems:
            return Check(name, Verdict.WARN, "; ".join(judged.problems), _ASK)
        return Check(name, Verdict.PASS, counted(len(judged.kids), "key"))

    async def _tool_key_set(self, url: str) -> Check:
        found = await check_key_set("tool_key_set", self._client, url, self._expected)
        return await as_old_lms(self._client, *found)


def _failed(name: str, detail: str, fix: str = "") -> Check:
    return Check(name, Verdict.FAIL, detail, fix)


def _moved(stored: Platform, new: NewAddress) -> Check:
    ask = "Ask the school whether its LMS has moved. If so: "
    return _failed("configuration", new.sign, ask + new.command(stored.issuer))


def _compare(stored: Platform, found: Platform) -> Check:
    if found.issuer != stored.issuer:
        detail = f"the issuer is {found.issuer} now, and was {stored.issuer}"
        return _moved(stored, NewAddress(detail, found.issuer, found.configuration_url))
    moved = [each for each in ENDPOINTS if getattr(found, each) != getattr(stored, each)]
    if moved:
        detail = f"changed there: {', '.join(moved)}"
        return Check("configuration", Verdict.WARN, detail, "Record it: ltictl refresh ID")
    return Check("configuration", Verdict.PASS, "as it was")
