"""Register without a browser: the two parameters that an LMS would send are handed in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty

from ltictl.errors import InterruptedRunError
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.registering.attempt import Plan
from ltictl.operations.registering.attempt_thread import (
    ANSWER_DEADLINE,
    AttemptThread,
    stopped_before_sending,
)
from ltictl.operations.registering.events import Event, Finished, Inbox, StopRequest
from ltictl.operations.registering.inspect_platform import (
    Inspection,
    inspect_platform,
    require_settled,
)
from ltictl.operations.registering.settle import Registered

_UNWINDING_SECONDS = 0.7  # for what was begun and not sent to be taken back


def inspect_headless(
    context: Context,
    policy: GuardPolicy,
    *,
    organization: str,
    configuration_url: str,
    token: str,
    platform: str | None,
    accepted_issuer: str = "",
) -> Inspection:
    """Look at the LMS; everything that can be checked beforehand is.

    Args:
        context: the profile.
        policy: what the way out allows.
        organization: slug.
        configuration_url: value of ``openid_configuration``; its query may be a secret.
        token: value of ``registration_token``, empty if none.
        platform: the only LMS that is expected, ``None`` for any.
        accepted_issuer: issuer that a person accepted although it is at another host.

    Raises:
        NotFoundError: there is no such organization.
        NeedsRecoveryError: an earlier attempt there is not settled.
        RefusedError, UnreachableError: the LMS cannot be used.
    """
    tool = context.profile.settings().tool
    context.profile.organizations.get(organization)
    context.progress("Asking the LMS for its description ...")

    async def inspection() -> Inspection:
        async with GuardedClient(policy) as client:
            return await inspect_platform(
                client,
                tool,
                configuration_url=configuration_url,
                token=token,
                pinned=platform,
                accepted_issuer=accepted_issuer,
            )

    found = asyncio.run(inspection())
    require_settled(context, organization, found)
    return found


def register_headless(
    context: Context,
    policy: GuardPolicy,
    plan: Plan,
    inbox: Inbox,
    show: Callable[[Event], None] = lambda _: None,
) -> Registered:
    """Carry out one registration, and do not let a first signal cut it after it was sent.

    Args:
        context: the profile.
        policy: what the way out allows.
        plan: what a person confirmed.
        inbox: where signals report.
        show: told once if an answer is waited for in spite of a signal.

    Raises:
        LtictlError: as ``register_once``.
        InterruptedRunError: a signal came before the request was sent, or a second one after.
    """
    context.progress(f"Waiting for the answer of {plan.inspection.configuration.platform.host} ...")
    thread = AttemptThread(context, policy)
    future = thread.submit(plan)
    thread.finish()
    future.add_done_callback(lambda _: inbox.put(Finished()))
    stop = _next_signal(future, inbox)
    if stop is not None and thread.stop():
        show(Event("finishing", {"seconds": int(ANSWER_DEADLINE)}))
        insisting = _next_signal(future, inbox)
        if insisting is not None:
            raise _left_outstanding(insisting)
    elif stop is not None:
        _next_signal(future, inbox, _UNWINDING_SECONDS)
        if not future.done():
            raise stopped_before_sending(stop.exit_code)
    return _result(future, stop)


def _result(future: "Future[Registered]", stop: StopRequest | None) -> Registered:
    try:
        return future.result()
    except InterruptedRunError as error:
        if stop is not None:
            error.exit_code = stop.exit_code
        raise


def _next_signal(
    future: "Future[Registered]", inbox: Inbox, patience: float | None = None
) -> StopRequest | None:
    """The next signal, or ``None`` when the registration has ended or patience is over."""
    while not future.done():
        try:
            item = inbox.get(timeout=patience)
        except Empty:
            return None
        if isinstance(item, StopRequest):
            return item
    return None


def _left_outstanding(stop: StopRequest) -> InterruptedRunError:
    return InterruptedRunError(
        stop.exit_code,
        "Stopped while an answer was outstanding.",
        fix="'ltictl list' names the registration; settle it with 'ltictl recover'.",
    )
