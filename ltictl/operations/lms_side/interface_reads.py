"""Send the reading calls of an interface, and read its replies."""

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from ltictl.errors import LtictlError, RefusedError
from ltictl.lti.echoed_token import SHOWN
from ltictl.lti.refusal import Refusal, read_refusal
from ltictl.lti.strict_json import JsonError, parse_value
from ltictl.model.attempt import Answer
from ltictl.model.hint import hint
from ltictl.model.record import replace
from ltictl.operations.attempts.exchange import answer_of
from ltictl.operations.attempts.scrub import blank_secrets
from ltictl.operations.lms_side.site import Site
from ltictl.platforms.administration import Call, CallReply, Steps, body_of
from ltictl.platforms.family import Cause
from ltictl.platforms.table import cause_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.reply import Reply as RawReply

DEADLINE: Final = 30.0
MOST_BYTES: Final = 8 * 1024 * 1024  # a list of all the tools of a large site
_MOST_PAUSE: Final = 60.0
_MOST_PAUSES: Final = 5
_MOST_CALLS: Final = 500  # pages that lead to one another have no end
_NEXT: Final = re.compile(r'<([^<>"]*)>((?:\s*;[^,<]*)*)')  # RFC 8288, 3
_REL_NEXT: Final = re.compile(r';\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)', re.IGNORECASE)
_LOGIN: Final = "ltictl lms login ORG --platform URL"  # as the causes name it
_TOKEN_REFUSED: Final = Cause(
    "The LMS does not accept the token, or its owner may not do that.",
    f"Look at its rights, with the same token: {_LOGIN}",
)
_REDIRECTED: Final = Cause(
    "The address is not that of the LMS itself, or a login page stands before it. ltictl follows "
    "no redirect, since the token would go along.",
    "Open the address in a browser, and give ltictl the address that the LMS itself has.",
)
_REDIRECTS: Final = range(300, 400)  # RFC 9110, 15.4

T = TypeVar("T")


class Sent(Struct, frozen=True):
    """A call in the form in which it leaves."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Sent({self.method})"  # it holds the token


class Asker:
    """Sends the calls of one LMS's interface, with the token.

    Args:
        site: the LMS.
        client: the guarded HTTP client.
    """

    def __init__(self, site: Site, client: "GuardedClient") -> None:
        self.site = site
        self._client = client
        self._trading = asyncio.Lock()

    async def run(self, steps: Steps[T]) -> T:
        """Carry out steps that only read.

        Raises:
            LtictlError: the LMS refused, or could not be reached.
        """
        await self.authorize()
        return await self._drive(steps)

    async def authorize(self) -> None:
        """Trade the given text for the token of this run, once."""
        purse = self.site.purse
        async with self._trading:  # a refresh token is good once
            if not purse.token:
                grant = await self._drive(self.site.interface.authorize(purse.secret))
                purse.take(grant.token, grant.replaced)

    async def _drive(self, steps: Steps[T]) -> T:
        try:
            call = next(steps)
            for _ in range(_MOST_CALLS):
                call = steps.send(await self.read(call))
        except StopIteration as end:
            found: T = end.value
            return found
        raise _endless(self.site)

    async def read(self, call: Call) -> CallReply:
        """Send a call that only reads, and return its reply.

        Raises:
            LtictlError: the LMS refused, or could not be reached.
        """
        if call.purpose:
            raise AssertionError("a call that changes something has to be made durable")
        # Only reading may be repeated, and never without bound.
        for _ in range(_MOST_PAUSES):
            raw = await self._send(request_of(self.site, call))
            pause = pause_of(self.site, raw.status, raw.headers, raw.body)
            if pause is None:
                return judge(self.site, call, answer_of(raw), raw.headers)
            self.site.context.progress(f"{self.site.host} asks to wait {pause:g} s ...")
            await asyncio.sleep(pause)
        raise throttled_for_too_long(self.site)

    async def _send(self, request: Sent) -> "RawReply":
        return await self._client.send(
            request.method,
            request.url,
            headers=request.headers,
            content=request.body,
            deadline=DEADLINE,
        )


def ask(site: Site, steps: Steps[T]) -> T:
    """Carry out steps that only read, in an event loop of their own.

    Raises:
        LtictlError: the LMS refused, or could not be reached.
    """
    from ltictl.net.client import GuardedClient

    async def asking() -> T:
        async with GuardedClient(site.policy, reuse=True, most_bytes=MOST_BYTES) as client:
            return await Asker(site, client).run(steps)

    site.context.progress(f"Asking {site.host} ...")
    return asyncio.run(asking())


def request_of(site: Site, call: Call) -> Sent:
    """Return the request of a call, with its token.

    Raises:
        LtictlError: ``lms_answer_unusable``, where it would go to another host.
    """
    signed = site.interface.sign(call, site.purse.token) if call.signed else call
    body, media_type = body_of(signed)
    headers = {"Accept": "application/json", **signed.headers}
    if media_type:
        headers["Content-Type"] = media_type
    return Sent(signed.method, call_address(site, signed), headers, body)


def call_address(site: Site, call: Call) -> str:
    """Return the address of a call at the LMS, or at a host that its interface names.

    Raises:
        LtictlError: ``lms_answer_unusable``, where it would go to another host.
    """
    if call.path.startswith("/"):
        return site.base + call.path
    parts = urlsplit(call.path)
    # A link in a reply must not lead the token to a foreign host.
    if parts.scheme == "https" and parts.netloc in site.interface.hosts:
        return call.path
    raise LtictlError(
        "lms_answer_unusable",
        f"{site.host} leads to an address that is not its own.",
        why="The token goes to no other host.",
        fix="Look at the address of the LMS in 'ltictl show'.",
    )


def judge(site: Site, call: Call, answer: Answer, headers: Mapping[str, str]) -> CallReply:
    """Return the reply to a call, unless it is a refusal.

    Raises:
        RefusedError: ``lms_refused``.
        LtictlError: ``lms_answer_unusable``: a success whose body is no JSON.
    """
    parsed, readable = _document(answer)
    document = _blanked(parsed, site.purse.all)
    text = answer.body.decode("utf-8", "replace")
    reply = CallReply(answer.status, document, _following(site, headers), dict(headers), text)
    # Some interfaces report a refusal with HTTP 200.
    problem = site.interface.problem(reply)
    if problem or not (reply.succeeded or answer.status in call.accepts):
        raise refused_call(site, call, blank_secrets(answer, site.purse.all), problem)
    if reply.succeeded and not readable:
        raise _not_json(site, call)
    return reply


def _document(answer: Answer) -> tuple[Any, bool]:
    """Return the JSON value of an answer, and whether it is one; an empty body counts as one."""
    if not answer.body.strip():
        return None, True
    try:
        return parse_value(answer.body), True
    except JsonError:
        return None, False


def _not_json(site: Site, call: Call) -> LtictlError:
    return LtictlError(
        "lms_answer_unusable",
        f"{site.host} answered {call.method} {call.path.partition('?')[0]} with a text that is "
        "no JSON.",
        why="The address is not that of the LMS itself, or a login page or a proxy answered in "
        "its stead.",
        fix=f"Open {site.base} in a browser, and give ltictl the address that the LMS itself has.",
    )


def _blanked(value: Any, secrets: tuple[str, ...]) -> Any:
    """Return a document without the secrets, which an LMS may repeat."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, SHOWN.decode())
        return value
    if isinstance(value, list):
        return [_blanked(each, secrets) for each in value]
    if isinstance(value, dict):
        return {_blanked(key, secrets): _blanked(each, secrets) for key, each in value.items()}
    return value


def _following(site: Site, headers: Mapping[str, str]) -> str:
    """Return the path of the next page (RFC 8288), empty for none."""
    for target, parameters in _NEXT.findall(headers.get("link", "")):
        if _REL_NEXT.search(parameters):
            # A page at another host does not count, since the token would go there.
            own = target.removeprefix(site.base)
            return own if own.startswith("/") and not own.startswith("//") else ""
    return ""


def pause_of(site: Site, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
    """Return the seconds to wait before the same call again, ``None`` for a final reply."""
    wanted = site.interface.throttled(status, headers, body)
    # A wrong header must not make a command wait for days.
    return None if wanted is None else min(wanted, _MOST_PAUSE)


def refused_call(site: Site, call: Call, answer: Answer, problem: str = "") -> RefusedError:
    """Return the error for a refusal, in the words of the LMS.

    Args:
        site: the LMS.
        call: the refused call.
        answer: the answer without secrets.
        problem: the words of a refusal with HTTP 200, else empty.
    """
    found = read_refusal(answer.status, answer.body)
    refusal = replace(found, words=problem) if problem else found
    cause = _cause(site, refusal) or cause_of(site.family, found)
    return RefusedError(
        "lms_refused",
        f"{site.host} refused {call.method} {call.path.partition('?')[0]} {refusal.report}.",
        why=cause.why,
        fix=_with_login(site, cause.fix),
        data={"status": refusal.status, "words": refusal.words},
    )


def _with_login(site: Site, fix: str) -> str:
    """Return a fix whose command can be pasted."""
    # The tables of causes know neither the organization nor the address.
    login = hint("lms", "login", site.organization, "--platform", site.base)
    return fix.replace(_LOGIN, login) if site.organization else fix


def _cause(site: Site, refusal: Refusal) -> Cause | None:
    for beginning, cause in site.interface.words.items():
        if refusal.words.startswith(beginning):
            return cause
    if refusal.status in _REDIRECTS:
        return _REDIRECTED
    own = site.interface.causes.get(refusal.status)
    return own or (_TOKEN_REFUSED if refusal.status in {401, 403} else None)


def throttled_for_too_long(site: Site) -> RefusedError:
    """Return the error for an LMS that asks for one pause after the other."""
    return RefusedError(
        "lms_throttled",
        f"{site.host} asks for pauses only; ltictl gave up after {_MOST_PAUSES} of them.",
        why="Other programs with the same token use up its share.",
        fix="Run the command again later.",
    )


def _endless(site: Site) -> LtictlError:
    return LtictlError(
        "lms_answer_unusable",
        f"{site.host} names one more page after {_MOST_CALLS} of them.",
        why="Its pages lead to one another.",
        fix="Name integrations one by one.",
    )
