"""Make changes at an LMS through its interface, each durable before it is sent, and sent once."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from ltictl.errors import LtictlError, NeedsRecoveryError, RefusedError
from ltictl.lti.echoed_token import SHOWN
from ltictl.lti.registration_token import token_digest
from ltictl.model.attempt import Answer, Attempt, AttemptKind
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.net.reply import Reply as RawReply
from ltictl.operations.attempts.carry_out import carry_out
from ltictl.operations.attempts.exchange import Request, Send, begin, exchange
from ltictl.operations.attempts.scrub import blank_secrets, scrub
from ltictl.operations.attempts.settle import platform_failed
from ltictl.operations.attempts.threads import Lane
from ltictl.operations.lms_side.change_intent import Intent, PlannedCall, Run
from ltictl.operations.lms_side.interface_reads import (
    MOST_BYTES,
    Asker,
    call_address,
    judge,
    pause_of,
    request_of,
    throttled_for_too_long,
)
from ltictl.operations.lms_side.site import Site
from ltictl.platforms.administration import Call, CallReply, Steps
from ltictl.store.profile import Journal

T = TypeVar("T")
_MOST_TURNS: Final = 5


class Changes:
    """The changes of one operation at one LMS.

    Args:
        site: the LMS.
        intent: the facts about them.
        run: the way in which the command makes them.

    Attributes:
        any: whether there was one.
    """

    def __init__(self, site: Site, intent: Intent, run: Run) -> None:
        self._site = site
        self._intent = intent
        self._run = run
        self._open: tuple[Attempt, Journal] | None = None
        self.any = False

    @property
    def kept(self) -> Attempt | None:
        """The last change with its answer, until it is settled."""
        return self._open[0] if self._open else None

    def make(self, steps: Steps[T]) -> T:
        """Carry out steps that read and change.

        Raises:
            RefusedError: the LMS refused the last change.
            NeedsRecoveryError: the outcome of a change is not known; its attempt stays.
        """
        try:
            call = next(steps)
            while True:
                call = steps.send(self._reply(call))
        except StopIteration as end:
            made: T = end.value
            return made

    def settle(self) -> None:
        """Remove the record of the last change; its outcome is stored."""
        if self._open is None:
            return
        attempt, journal = self._open
        self._open = None
        journal.close()
        self._site.context.profile.attempts.settle(attempt.id)

    def leave(self) -> None:
        """Close the record of the last change, and keep it."""
        if self._open is not None:
            self._open[1].close()

    def _reply(self, call: Call) -> CallReply:
        if not call.purpose:
            return self._read(call)
        self.any = True
        if self._run.dry is not None:
            url = call_address(self._site, call)
            identifier = self._intent.attempt.id
            planned = PlannedCall(identifier, call.purpose, call.method, url, _body(call))
            self._run.dry.append(planned)
            return CallReply(200, call.presumed)
        self.settle()  # the change before it was answered, and this one builds on it
        return self._change(call)

    def _read(self, call: Call) -> CallReply:
        from ltictl.net.client import GuardedClient

        async def reading() -> CallReply:
            # No connection is kept over a change: it may be closed when the next one is read.
            async with GuardedClient(self._site.policy, most_bytes=MOST_BYTES) as client:
                asker = Asker(self._site, client)
                await asker.authorize()
                return await asker.read(call)

        return asyncio.run(reading())

    def _change(self, call: Call) -> CallReply:
        # Before the record: a token that cannot be had leaves no change of unknown outcome behind.
        self._authorize()
        for _ in range(_MOST_TURNS):
            answer, headers = self._send(call)
            pause = pause_of(self._site, answer.status, headers, answer.body)
            if pause is None:
                return self._judge(call, answer, headers)
            self.settle()  # it was not done, and says so
            self._site.context.progress(f"{self._site.host} asks to wait {pause:g} s ...")
            time.sleep(pause)
        raise throttled_for_too_long(self._site)

    def _authorize(self) -> None:
        from ltictl.net.client import GuardedClient

        async def trading() -> None:
            async with GuardedClient(self._site.policy) as client:
                await Asker(self._site, client).authorize()

        if not self._site.purse.token:
            asyncio.run(trading())

    def _send(self, call: Call) -> tuple[Answer, Mapping[str, str]]:
        request = request_of(self._site, call)
        attempt = self._attempt(call, request.url)
        journal = begin(self._site.context, attempt)
        replies: list[RawReply] = []

        def work(send: Send) -> Attempt:
            def noting(
                url: str, headers: dict[str, str], body: bytes, leaving: Callable[[], None]
            ) -> RawReply:
                reply = send(url, headers, body, leaving)
                replies.append(replace(reply, body=self._blanked(reply.body)))
                return replies[-1]

            unsigned = Request(request.url, "", request.body, request.headers)
            return exchange(self._site.context, attempt, journal, unsigned, noting)

        try:
            lane = Lane(self._site.host, call.method)
            answered = carry_out(self._site.policy, work, lane, self._run.inbox, self._run.show)
        except LtictlError as error:
            journal.close()
            scrub(error, self._site.purse.all)
            raise
        except BaseException:
            journal.close()
            raise
        self._open = answered, journal
        if answered.answer is None:
            raise AssertionError("an exchange ends with an answer")
        return answered.answer, replies[-1].headers

    def _blanked(self, body: bytes) -> bytes:
        """Blank the token, should the LMS repeat it, and the LMS's own secrets."""
        # Before the answer is durable, so this only replaces bytes and cannot fail.
        for secret in self._site.purse.all:
            body = body.replace(secret.encode(), SHOWN)
        return self._site.interface.blanked(body)

    def _attempt(self, call: Call, url: str) -> Attempt:
        attempt, token = self._intent.attempt, self._site.purse.token
        facts = {
            "action": self._intent.action,
            "base": self._site.base,
            "purpose": call.purpose,
            "method": call.method,
            "path": call.path,
            **self._intent.facts,
        }
        return replace(
            attempt,
            registration_endpoint=WebAddress.parse(url).without_query,
            # A registration keeps its request; the facts are all that settles another change.
            request=json.dumps(_body(call) if attempt.kind is AttemptKind.REGISTRATION else facts),
            token_sha256=attempt.token_sha256 or token_digest(token),
            token_length=attempt.token_length or len(token),
            created_at=self._site.context.now(),
        )

    def _judge(self, call: Call, answer: Answer, headers: Mapping[str, str]) -> CallReply:
        attempt = self.kept
        if attempt is None:
            raise AssertionError("a change that was answered is kept")
        shown = blank_secrets(answer, self._site.purse.all)
        if answer.lms_failed:
            raise platform_failed(attempt, shown)
        if not answer.complete:
            raise _broken_off(attempt)
        try:
            return judge(self._site, call, answer, headers)
        except RefusedError:
            with suppress(LtictlError):  # what stays behind is named by the next command
                self.settle()
            raise


@contextmanager
def changes_at(site: Site, intent: Intent, run: Run) -> Iterator[Changes]:
    """Provide the changes of a block, and remove the last record after it.

    Raises:
        NeedsRecoveryError: the block failed after the answer to a change.
    """
    changes = Changes(site, intent, run)
    try:
        yield changes
        changes.settle()
    except NeedsRecoveryError:
        raise
    except LtictlError as error:
        if changes.kept is None:
            raise
        # The LMS has made the change, so its record stays for 'recover'.
        raise _not_stored(changes.kept, error) from error
    finally:
        changes.leave()


def _body(call: Call) -> Any:
    """Return the body of a call, without the token that its interface adds."""
    return call.json if call.form is None else dict(call.form)


def recovery_hint(attempt: Attempt) -> str:
    """Return the command that settles a change by reading."""
    return f"Run 'ltictl recover {attempt.id} --probe', which asks the LMS by reading only."


def _broken_off(attempt: Attempt) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "answer_unusable",
        f"The answer of {attempt.platform.host} broke off before its end.",
        why="The LMS has probably made the change; it is kept what it said.",
        fix=recovery_hint(attempt),
        attempt=attempt.id,
    )


def _not_stored(attempt: Attempt, error: LtictlError) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "lms_change_not_stored",
        f"{attempt.platform.host} answered, and the outcome of the change is not stored: "
        f"{error.message}",
        why="The answer itself is safe in the attempt.",
        fix=f"Remove the cause. {recovery_hint(attempt)}",
        attempt=attempt.id,
    )
